/**
 * The noise floor: what one backend gives for the same input when only the way it is run changes. Such differences are
 * nondeterminism of that backend; a divergence between two backends that is no larger says nothing about either.
 *
 * - `again`: the same session, run a second time.
 * - `optimization off`: without ONNX Runtime's graph optimisations.
 * - `one thread`: additions in the order that one thread takes them.
 * - `batch of one`: the first sample of the batch alone, where the model has one symbolic dimension in front of
 *   every input and output.
 */
import { type Model, modelInfo } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { Tensor, TypedArray } from '@rheobase/exporter/tensor';
import type { Feeds, SessionOptions } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { compareTensors } from '../comparison/index.js';
import type { NoiseRow } from '../report/verify-report.js';
import { EXACT } from '../tolerances/index.js';
import { ActiveSessions } from '../verify/active-sessions.js';
import type { Contender } from '../verify/contender.js';
import type { ModelContext } from '../verify/context.js';

/** Differences in bits count, those of equal numbers too. */
const BITS = { ...EXACT, signedZero: 'mismatch' } as const;

/** Measured with the first case. */
export async function noisePass(context: ModelContext, contenders: readonly Contender[]): Promise<readonly NoiseRow[]> {
  const { subject, cases, emit } = context;
  emit({ kind: 'examining', model: subject.row.path, what: 'noise' });
  for await (const one of cases(subject.model)) {
    const rows: NoiseRow[] = [];
    for (const contender of contenders) rows.push(...(await noiseOf(context, contender, one)));
    return rows;
  }
  return [];
}

interface Variation {
  readonly variation: NoiseRow['variation'];
  readonly options: SessionOptions;
  readonly feeds: Feeds;
}

async function noiseOf(context: ModelContext, contender: Contender, one: Case): Promise<readonly NoiseRow[]> {
  const { subject, session } = context;
  const usual = await runTwice(context, contender, session, one.feeds);
  if (typeof usual === 'string') return [unmeasured(context, contender, one, 'again', usual)];
  const rows = compared(context, contender, one, 'again', usual.second, usual.first);
  const single = firstSample(subject.model, one.feeds);
  const variations: readonly Variation[] = [
    { variation: 'optimization off', options: { ...session, optimization: 'disabled' }, feeds: one.feeds },
    { variation: 'one thread', options: { ...session, threads: 1 }, feeds: one.feeds },
    ...(single === null ? [] : [{ variation: 'batch of one', options: session, feeds: single } as const]),
  ];
  for (const { variation, options, feeds } of variations) {
    const runs = await runTwice(context, contender, options, feeds);
    if (typeof runs === 'string') rows.push(unmeasured(context, contender, one, variation, runs));
    else {
      const expected = variation === 'batch of one' ? mapTensors(usual.first, sampleOf) : usual.first;
      rows.push(...compared(context, contender, one, variation, runs.first, expected));
    }
  }
  return rows;
}

interface Runs {
  readonly first: Feeds;
  readonly second: Feeds;
}

/** Why it could not be run, where it could not. */
async function runTwice(
  { subject }: ModelContext,
  contender: Contender,
  options: SessionOptions,
  feeds: Feeds,
): Promise<Runs | string> {
  let problem = 'it gave no outputs';
  const sessions = await ActiveSessions.open([contender], subject, options, {
    failed: (_, error) => {
      problem = toPlainError(error).what;
    },
  });
  try {
    const first = await sessions.run(contender.id, feeds);
    const second = first && (await sessions.run(contender.id, feeds));
    return first === undefined || second === undefined ? problem : { first: first.outputs, second: second.outputs };
  } finally {
    await sessions.close();
  }
}

function compared(
  { subject }: ModelContext,
  { id }: Contender,
  one: Case,
  variation: NoiseRow['variation'],
  actual: Feeds,
  expected: Feeds,
): NoiseRow[] {
  return Object.entries(expected).flatMap(([output, tensor]): NoiseRow[] => {
    if (!Object.hasOwn(actual, output)) return [];
    const options = { tolerance: BITS, worst: 0, histogram: false };
    const { count, mismatched, maxAbs, maxUlp, reason } = compareTensors(actual[output], tensor, options);
    const row = { model: subject.row.path, backend: id, case: one.name, output, variation };
    return [{ ...row, count, different: mismatched, maxAbs, maxUlp, note: reason }];
  });
}

function unmeasured(
  { subject }: ModelContext,
  { id }: Contender,
  one: Case,
  variation: NoiseRow['variation'],
  note: string,
): NoiseRow {
  const nothing = { output: '', count: 0, different: null, maxAbs: null, maxUlp: null };
  return { model: subject.row.path, backend: id, case: one.name, variation, ...nothing, note };
}

/** The feeds of the first sample; null where the model has no batch, or the batch is of one already. */
function firstSample(model: Model, feeds: Feeds): Feeds | null {
  const { inputs, outputs } = modelInfo(model);
  const [batch] = inputs[0]?.shape ?? [];
  const isBatched = typeof batch === 'string' && [...inputs, ...outputs].every(({ shape }) => shape?.[0] === batch);
  const extents = new Set(inputs.map(({ name }) => feeds[name]?.shape[0]));
  const [extent = 0] = extents;
  if (!isBatched || extents.size !== 1 || extent < 2) return null;
  return mapTensors(feeds, sampleOf);
}

function mapTensors(tensors: Feeds, map: (tensor: Tensor) => Tensor): Feeds {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor)]));
}

function sampleOf(tensor: Tensor): Tensor {
  const [extent = 1, ...rest] = tensor.shape;
  const length = tensor.data.length / Math.max(1, extent);
  if (tensor.dtype === 'string')
    return { ...tensor, shape: [1, ...rest], data: tensor.data.slice(0, length) } as Tensor;
  return { ...tensor, shape: [1, ...rest], data: (tensor.data as TypedArray).slice(0, length) } as Tensor;
}
