/** Graphs drawn at random build, pass the check, print, survive a round trip, and load, with the shapes we inferred. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { OrtProcess } from '../../test/ort-process.js';
import { checkModel } from '../check/index.js';
import { decodeModel, encodeModel } from '../codec/index.js';
import * as op from '../op/index.js';
import { sizeOf, tensor } from '../tensor/index.js';
import { printModel } from '../text/index.js';
import { buildModel } from './build-model.js';
import { defineFunction } from './define-function.js';
import { input } from './input.js';
import type { Value } from './value.js';

const ort = new OrtProcess();
afterAll(() => ort.close());

type V = Value<'float32'>;
const x = input('x', 'float32', ['batch', 3, 4]);
const flag = input('flag', 'bool', []);
const BATCH = 2;
const feeds = {
  x: tensor(
    'float32',
    [BATCH, 3, 4],
    Float32Array.from({ length: BATCH * 12 }, (_, index) => Math.sin(index)),
  ),
  flag: tensor('bool', [], Uint8Array.of(1)),
};

const double = defineFunction('Double', (v: V) => op.add(v, v), { domain: 'random' });

/** Steps that keep the shape, or change it in a way that the next step can take. */
const STEPS: readonly ((v: V, pick: number) => V)[] = [
  (v) => op.relu(v),
  (v) => op.add(v, 1),
  (v) => op.sub(0.5, v),
  (v) => op.mul(v, v),
  (v) => op.where(op.greater(v, 0.1), v, 0),
  (v) => op.softmax(v),
  (v, pick) => op.reduceMean(v, { axes: [pick % 3] }),
  (v, pick) => op.transpose(v, { perm: pick % 2 === 0 ? [0, 2, 1] : [0, 1, 2] }),
  (v, pick) => op.concat([v, op.neg(v)], { axis: pick % 3 }),
  (v) => op.split(v, { axis: 1, numOutputs: 1 })[0],
  (v) => op.reshape(v, op.shape(v)),
  (v) => op.reshape(op.flatten(v), op.concat([op.shape(v, { end: 1 }), [-1, 1]], { axis: 0 })),
  (v) => op.slice(v, [0], [1], { axes: [2] }),
  (v) => op.squeeze(op.unsqueeze(v, [0]), [0]),
  (v) => op.cast(op.cast(v, 'float64'), 'float32'),
  (v) =>
    op.if(
      flag,
      () => op.abs(v),
      () => op.neg(v),
    ),
  (v) => op.loop({ count: 2, state: [v] }, (_, state) => ({ state: [op.tanh(state)] })).state[0],
  (v) =>
    op.scan({ inputs: [v] }, (_, [slice]) => ({ state: [], collect: [op.exp(op.neg(op.abs(slice)))] }))
      .collected[0] as V,
  (v) => double(v),
  (v, pick) => op.gather(v, [0, 0], { axis: pick % 3 }),
  (v) => op.topK(v, 1).values,
];

const graph = fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 12 });

function build(steps: readonly (readonly [number, number, number])[], opset: number) {
  const values: V[] = [x];
  for (const [step, pick, from] of steps) {
    // Mostly a chain, now and then a branch from an earlier value.
    const base = from === 0 ? values[pick % values.length] : values[values.length - 1];
    values.push(STEPS[step](base, pick));
  }
  const made = values.slice(1);
  return {
    made,
    model: buildModel({
      inputs: [x, flag],
      outputs: Object.fromEntries(made.map((value, index) => [`y${index}`, value])),
      opset,
    }),
  };
}

describe('random graphs', () => {
  it('build, pass the check, print and survive a round trip', () => {
    fc.assert(
      fc.property(graph, fc.constantFrom(18, 21, 22), (steps, opset) => {
        const { model } = build(steps, opset);
        expect(checkModel(model).filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(printModel(model).length).toBeGreaterThan(0);
        const bytes = encodeModel(model);
        expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('load and run, and have the shapes that were inferred', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (steps) => {
        const { model, made } = build(steps, 21);
        const used = new Set(model.graph.inputs.map(({ name }) => name));
        const given = Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name)));
        const outcome = await ort.run(encodeModel(model), given, { elements: false });
        if (outcome.kind !== 'outputs') throw new Error(JSON.stringify(outcome));
        for (const [index, { shape, dtype }] of made.entries()) {
          const actual = outcome.outputs[`y${index}`];
          expect(actual.dtype).toBe(dtype);
          const expected = shape?.map((dim, axis) =>
            typeof dim === 'number' ? dim : (fromBatch(dim) ?? actual.shape[axis]),
          );
          expect(actual.shape).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

/** `batch`, `2*batch`, … in this run. */
function fromBatch(dim: string | null): number | undefined {
  const factor = dim === null ? undefined : /^(?:(\d+)\*)?batch$/.exec(dim);
  return factor ? Number(factor[1] ?? 1) * sizeOf([BATCH]) : undefined;
}
