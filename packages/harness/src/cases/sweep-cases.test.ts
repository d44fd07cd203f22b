import { expect, it } from 'vitest';
import { collected } from '../fixtures/collected.js';
import { modelOf } from '../fixtures/models.js';
import type { Dims } from './case.js';
import { seededCases } from './seeded-cases.js';
import { sweptCases } from './sweep-cases.js';

const model = modelOf({ inputs: { x: ['float32', ['batch', 'length']] } });
const draw = (dims: Dims) => () => seededCases(model, { dims });

it('every combination of extents is a case that names them', async () => {
  const cases = await collected(sweptCases({ batch: [1, 7], length: [2, 3] }, {}, draw)(model));
  expect(cases.map(({ name, feeds }) => [name, feeds.x?.shape])).toEqual([
    ['random0 batch=1 length=2', [1, 2]],
    ['random0 batch=1 length=3', [1, 3]],
    ['random0 batch=7 length=2', [7, 2]],
    ['random0 batch=7 length=3', [7, 3]],
  ]);
});

it('without sweeps the cases are as they were', async () => {
  const [one] = await collected(sweptCases({}, { batch: 4 }, draw)(model));
  expect([one?.name, one?.feeds.x?.shape]).toEqual(['random0', [4, 1]]);
});

it('a dimension that is fixed, and more combinations than anybody waits for, are refused', () => {
  expect(() => sweptCases({ batch: [1] }, { batch: 4 }, draw)).toThrow('dimension batch: is fixed and swept');
  const many = Array.from({ length: 200 }, (_, i) => i);
  expect(() => sweptCases({ batch: many, length: many }, {}, draw)).toThrow('the sweep has 40000 combinations');
});
