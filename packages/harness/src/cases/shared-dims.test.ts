import { expect, it } from 'vitest';
import { collected } from '../fixtures/collected.js';
import { modelOf } from '../fixtures/models.js';
import { seededCases } from './seeded-cases.js';
import { sharedDims } from './shared-dims.js';
import { sweptCases } from './sweep-cases.js';

const sequence = modelOf({ inputs: { x: ['float32', ['batch', 'length']] } });
const fixed = modelOf({ inputs: { y: ['float32', [2, 3]] } });
const unnamed = modelOf({ inputs: { z: ['float32', [null, 2]] } });

const source = (dims: Record<string, number>, sweeps: Record<string, readonly number[]>, models: number) =>
  sharedDims(dims, sweeps, models, (own, swept) =>
    sweptCases(swept, own, (extents) => (model) => seededCases(model, { dims: extents })),
  );

it('each model takes the extents of the dimensions that it has', async () => {
  const cases = source({ length: 5, 'z[0]': 4 }, { batch: [1, 7] }, 3);
  const drawn = [];
  for (const model of [sequence, fixed, unnamed, sequence]) {
    const all = await collected(cases(model));
    drawn.push(all.map(({ name, feeds }) => [name, ...Object.values(feeds).map(({ shape }) => shape)]));
  }
  const swept = [
    ['random0 batch=1', [1, 5]],
    ['random0 batch=7', [7, 5]],
  ];
  expect(drawn).toEqual([swept, [['random0', [2, 3]]], [['random0', [4, 2]]], swept]);
});

it('a dimension that no model has is an error', async () => {
  const cases = source({ bacth: 4 }, {}, 2);
  await collected(cases(fixed));
  expect(() => cases(sequence)).toThrow('dimension bacth: no model has such an open dimension');
});
