/** One layer at batch 1: each lowering against dense, from no neuron silent to almost all. */
import { buildModel, constant, encodeModel, input, op, random } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Session } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { lowerProducts, type ProductLowering } from '@rheobase/sparsifier';
import { line, verdict } from './print.js';
import { measureInTurns } from './turns.js';

const SHAPES = [
  { inner: 4096, outer: 4096 },
  { inner: 11008, outer: 4096 },
] as const;

const TARGETS = [
  { id: 'node/cpu', threads: 1 },
  { id: 'node/cpu', threads: 2 },
  { id: 'node/wasm', threads: 1 },
] as const;

const SPARSITIES = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

/** Speed against dense that `adaptive` must reach. Below 90 % it must not lose. */
const LIMITS: Readonly<Record<number, number>> = { 0.9: 3, 0.95: 5, 0.99: 12 };
const NEVER_SLOWER_THAN = 0.95;

const LOWERINGS: Readonly<Record<string, ProductLowering>> = {
  dense: { kind: 'dense' },
  gather: { kind: 'gather' },
  chunked: { kind: 'chunked' },
  adaptive: { kind: 'adaptive' },
};

export async function benchLayers(quick: boolean): Promise<void> {
  for (const target of TARGETS) {
    for (const shape of SHAPES) await benchLayer(target, shape, quick ? 15 : 60);
  }
}

async function benchLayer(
  { id, threads }: (typeof TARGETS)[number],
  { inner, outer }: (typeof SHAPES)[number],
  rounds: number,
): Promise<void> {
  console.log(`\n${id}, ${threads} thread${threads === 1 ? '' : 's'}, ${inner} × ${outer} f32, batch 1`);
  console.log(line(['silent', 'lowering', 'ms', 'speed against dense', 'interval', 'undisturbed', 'limit', '']));
  const backend = nodeBackend(id, { isolation: 'none' });
  const sessions = new Map<string, Session>();
  const dense = denseLayer(inner, outer);
  for (const [name, lowering] of Object.entries(LOWERINGS)) {
    const bytes = encodeModel(lowerProducts(dense, { product: lowering }));
    sessions.set(name, await backend.open({ bytes }, { threads }));
  }
  for (const sparsity of SPARSITIES) {
    const feeds = activations(inner, sparsity);
    const results = await measureInTurns(sessions, feeds, { rounds, baseline: 'dense' });
    for (const { name, medianMs, speed, undisturbed } of results) {
      if (name === 'dense') continue;
      const limit = name === 'adaptive' ? (LIMITS[sparsity] ?? NEVER_SLOWER_THAN) : undefined;
      console.log(
        line([
          `${sparsity * 100} %`,
          name,
          medianMs.toFixed(3),
          `${speed.median.toFixed(2)} ×`,
          interval(speed),
          `${undisturbed.toFixed(2)} ×`,
          ...verdict(speed.median, limit),
        ]),
      );
    }
  }
  for (const session of sessions.values()) await session.close();
  await backend.close();
}

function interval({ ciLow, ciHigh }: { readonly ciLow: number; readonly ciHigh: number }): string {
  return `${ciLow.toFixed(2)}–${ciHigh.toFixed(2)}`;
}

function denseLayer(inner: number, outer: number) {
  const draw = random(1, 'weights');
  const weight: Tensor<'float32'> = {
    dtype: 'float32',
    shape: [inner, outer],
    data: Float32Array.from({ length: inner * outer }, () => draw.uniform() - 0.5),
  };
  const x = input('x', 'float32', [1, inner]);
  const y = op.identity(op.matMul(x, constant(weight)).named('product'));
  return buildModel({ inputs: [x], outputs: { y } });
}

/** Inputs enough that the rows one picks are not still in the cache from its turn before. */
function activations(inner: number, sparsity: number) {
  return Array.from({ length: 16 }, (_, index) => {
    const draw = random(index, `activations ${sparsity}`);
    const data = Float32Array.from({ length: inner }, () => (draw.uniform() < sparsity ? 0 : 0.1 + draw.uniform()));
    return { x: { dtype: 'float32', shape: [1, inner], data } as Tensor };
  });
}
