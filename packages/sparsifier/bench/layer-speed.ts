/** One layer at batch 1: each lowering against dense, from no neuron silent to almost all. */
import { buildModel, constant, encodeModel, input, type Model, op, random } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Session } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { lowerProducts, type ProductLowering } from '@rheobase/sparsifier';
import { line, verdict } from './print.js';
import { summarize, type Turns, takeTurns } from './turns.js';

const SHAPES = [
  { inner: 4096, outer: 4096 },
  { inner: 11008, outer: 4096 },
] as const;

const TARGETS = [
  { id: 'node/cpu', threads: 1 },
  { id: 'node/cpu', threads: 2 },
  { id: 'node/wasm', threads: 1 },
] as const;

type Target = (typeof TARGETS)[number];

const SPARSITIES = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

/** Speed against dense that `adaptive` must reach. Below 90 % it must not lose. */
const LIMITS: Readonly<Record<number, number>> = { 0.9: 3, 0.95: 5, 0.99: 12 };
const NEVER_SLOWER_THAN = 0.95;

const LAUNCHES = 3;

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

async function benchLayer(target: Target, { inner, outer }: (typeof SHAPES)[number], rounds: number): Promise<void> {
  const { id, threads } = target;
  console.log(`\n${id}, ${threads} thread${threads === 1 ? '' : 's'}, ${inner} × ${outer} f32, batch 1`);
  console.log(line(['silent', 'lowering', 'ms', 'speed against dense', 'interval', 'undisturbed', 'limit', '']));
  const turns = await takeLaunches(target, denseLayer(inner, outer), inner, rounds);
  for (const [sparsity, times] of turns) {
    for (const { name, medianMs, speed, undisturbed } of summarize(times, 'dense')) {
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
}

/**
 * By sparsity. Everything is loaded anew a few times: the very same model runs 5 % faster or slower from one launch to the next,
 * by where its weights come to lie.
 */
async function takeLaunches(
  { id, threads }: Target,
  layer: Model,
  inner: number,
  rounds: number,
): Promise<ReadonlyMap<number, Turns>> {
  const joined = new Map<number, Map<string, number[][]>>(SPARSITIES.map((sparsity) => [sparsity, new Map()]));
  for (let launch = 0; launch < LAUNCHES; launch += 1) {
    const backend = nodeBackend(id, { isolation: 'none' });
    const sessions = new Map<string, Session>();
    for (const [name, product] of Object.entries(LOWERINGS)) {
      sessions.set(name, await backend.open({ bytes: encodeModel(lowerProducts(layer, { product })) }, { threads }));
    }
    for (const [sparsity, times] of joined) {
      const taken = await takeTurns(sessions, activations(inner, sparsity), Math.ceil(rounds / LAUNCHES));
      for (const [name, own] of taken) times.set(name, [...(times.get(name) ?? []), ...own]);
    }
    for (const session of sessions.values()) await session.close();
    await backend.close();
  }
  return joined;
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
