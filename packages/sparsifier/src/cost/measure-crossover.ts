/**
 * Measures a backend: dense and sparse products of several sizes and densities, in turns, and fits the cost model. Each
 * run has another input and other models between, so that weights come from memory as they do inside a network.
 */
import { buildModel, constant, encodeModel, input, median, op, random, shuffled } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, Feeds, Session } from '@rheobase/runtime';
import { type LoweringKind, lowerProducts, type ProductLowering } from '../lowerings/index.js';
import { bytesPerNeuron, type CostModel, type ProductSize } from './cost-model.js';
import { type TimedSession, timesInTurns } from './in-turns.js';
import { fitNonNegative } from './least-squares.js';

export interface MeasureOptions {
  /** Intra-op threads; default 1. */
  readonly threads?: number;
  /** Rounds of measurement; default 15. */
  readonly rounds?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly sizes?: readonly ProductSize[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Crossover {
  readonly model: CostModel;
  readonly points: readonly CrossoverPoint[];
}

export interface CrossoverPoint extends ProductSize {
  /** Neurons that fired; null for dense. */
  readonly active: number | null;
  readonly lowering: LoweringKind;
  readonly medianMs: number;
}

const SIZES: readonly ProductSize[] = [
  { inner: 256, outer: 256 },
  { inner: 1024, outer: 1024 },
  { inner: 4096, outer: 512 },
  { inner: 2048, outer: 2048 },
  { inner: 4096, outer: 4096 },
];
const DENSITIES = [0.01, 0.05, 0.1, 0.3];

export async function measureCrossover(
  backend: Backend,
  { threads = 1, rounds = 15, seed = 0, sizes = SIZES, onProgress = () => {} }: MeasureOptions = {},
): Promise<Crossover> {
  const subjects: Subject[] = [];
  try {
    for (const size of sizes) subjects.push(...(await openSubjects(backend, size, threads, seed)));
    const times = await timesInTurns(subjects, { rounds, seed, onProgress });
    const points = subjects.map(
      ({ size, active, lowering }, index): CrossoverPoint => ({
        ...size,
        active,
        lowering,
        medianMs: median(times[index] ?? []),
      }),
    );
    return { model: fit(backend.id, threads, points), points };
  } finally {
    for (const session of new Set(subjects.map((subject) => subject.session))) await session.close();
  }
}

interface Subject extends TimedSession {
  readonly size: ProductSize;
  readonly active: number | null;
  readonly lowering: LoweringKind;
}

async function openSubjects(backend: Backend, size: ProductSize, threads: number, seed: number): Promise<Subject[]> {
  const layer = denseLayer(size, seed);
  const open = (lowering: ProductLowering) =>
    backend.open({ bytes: encodeModel(lowerProducts(layer, { product: lowering })) }, { threads });
  const subject = (session: Session, density: number, { kind }: ProductLowering): Subject => ({
    size,
    active: kind === 'dense' ? null : Math.round(density * size.inner),
    lowering: kind,
    session,
    feeds: Array.from({ length: 8 }, (_, index) =>
      activations(size.inner, Math.round(density * size.inner), seed + index),
    ),
  });
  const dense = { kind: 'dense' } as const;
  const subjects = [subject(await open(dense), 1, dense)];
  // What is measured is what `chooseLowering` takes: on WebGPU a fixed k, elsewhere whatever fires.
  const isFixed = backend.id.endsWith('/webgpu');
  const chunked = { kind: 'chunked' } as const;
  const shared = isFixed ? undefined : await open(chunked);
  for (const density of DENSITIES) {
    const topk = { kind: 'topk', k: Math.max(1, Math.round(density * size.inner)) } as const;
    subjects.push(shared === undefined ? subject(await open(topk), density, topk) : subject(shared, density, chunked));
  }
  return subjects;
}

function fit(backend: string, threads: number, points: readonly CrossoverPoint[]): CostModel {
  const dense = points.filter(({ active }) => active === null);
  const sparse = points.filter(({ active }) => active !== null);
  // Weighted by 1/t²: a relative error counts the same for a small layer as for a large one.
  const weights = (list: readonly CrossoverPoint[]) => list.map(({ medianMs }) => 1 / medianMs ** 2);
  const times = (list: readonly CrossoverPoint[]) => list.map(({ medianMs }) => medianMs);
  const [denseBase = 0, densePerByte = 0] = fitNonNegative(
    dense.map((point) => [1, point.inner * bytesPerNeuron(point)]),
    times(dense),
    weights(dense),
  );
  const [base = 0, perByte = 0, perNeuron = 0] = fitNonNegative(
    sparse.map((point) => [1, (point.active ?? 0) * bytesPerNeuron(point), point.inner]),
    times(sparse),
    weights(sparse),
  );
  return {
    backend,
    threads,
    dense: { baseMs: denseBase, msPerByte: densePerByte },
    sparse: { baseMs: base, msPerByte: perByte, msPerNeuron: perNeuron },
  };
}

function denseLayer({ inner, outer }: ProductSize, seed: number) {
  const draw = random(seed, 'weights');
  const data = Float32Array.from({ length: inner * outer }, () => draw.uniform() - 0.5);
  const x = input('x', 'float32', [1, inner]);
  const weight: Tensor<'float32'> = { dtype: 'float32', shape: [inner, outer], data };
  return buildModel({ inputs: [x], outputs: { y: op.identity(op.matMul(x, constant(weight)).named('product')) } });
}

/** Exactly `active` of `inner` activations that are not 0. */
function activations(inner: number, active: number, seed: number): Feeds {
  const draw = random(seed, `activations ${active}`);
  const data = new Float32Array(inner);
  for (const index of shuffled(draw, Array.from(data.keys())).slice(0, active)) data[index] = 0.1 + draw.uniform();
  return { x: { dtype: 'float32', shape: [1, inner], data } as Tensor };
}
