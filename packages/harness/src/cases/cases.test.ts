import type { Model, Shape } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { describe, expect, it } from 'vitest';
import { floats, intAttribute, modelOf, nodeOf } from '../fixtures/models.js';
import { checkFeeds, givenCases } from './given-cases.js';
import { inputSpecs } from './input-shapes.js';
import { seededCases } from './seeded-cases.js';
import { specialCases, specialValues } from './special-cases.js';

const oneInput = (dtype: Tensor['dtype'], shape: Shape) => modelOf({ inputs: { x: [dtype, shape] } });

const numbersOf = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as ArrayLike<number>, Number);

describe('input shapes', () => {
  const model = modelOf({ inputs: { x: ['float32', ['batch', 3, null]], y: ['float32', ['batch']] } });

  it('open dimensions are 1 unless given by name or by place', () => {
    expect(inputSpecs(model).map(({ shape }) => shape)).toEqual([[1, 3, 1], [1]]);
    expect(inputSpecs(model, { batch: 4, 'x[2]': 7 }).map(({ shape }) => shape)).toEqual([[4, 3, 7], [4]]);
  });

  it('an unknown dimension is refused with the names of the open ones', () => {
    expect(() => inputSpecs(model, { bach: 4 })).toThrow(
      'dimension bach: the model has no such open dimension; its open dimensions are batch, x[0], x[2], y[0]',
    );
    expect(() => inputSpecs(model, { batch: 1.5 })).toThrow('1.5 is no extent');
  });

  it('an input of unknown rank is refused with what to do', () => {
    expect(() => inputSpecs(oneInput('float32', null))).toThrow(
      'input x: the model does not tell its rank; give its values with --inputs',
    );
  });
});

describe('seeded cases', () => {
  const draw = (model: Model, options = {}) => [...seededCases(model, options)];

  it('the same seed gives the same values; another case or seed gives others', () => {
    const model = oneInput('float32', [100]);
    const [first, second] = draw(model, { cases: 2 });
    expect(draw(model)[0]).toEqual(first);
    expect(numbersOf(second?.feeds.x)).not.toEqual(numbersOf(first?.feeds.x));
    expect(draw(model, { seed: 1 })[0]?.feeds).not.toEqual(first?.feeds);
  });

  it('an input keeps its values when the model gains another', () => {
    const two = modelOf({ inputs: { a: ['float32', [4]], x: ['float32', [4]] } });
    expect(draw(two)[0]?.feeds.x).toEqual(draw(oneInput('float32', [4]))[0]?.feeds.x);
  });

  it('floats are standard normal, or as asked for', () => {
    const model = oneInput('float64', [10_000]);
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(numbersOf(draw(model)[0]?.feeds.x))).toBeCloseTo(0, 1);
    const uniform = draw(model, { distribution: { kind: 'uniform', low: 5, high: 7 } })[0]?.feeds.x;
    expect(Math.min(...numbersOf(uniform))).toBeGreaterThanOrEqual(5);
    expect(Math.max(...numbersOf(uniform))).toBeLessThan(7);
    const named = draw(model, { inputs: { x: { kind: 'normal', mean: 100, deviation: 0 } } })[0]?.feeds.x;
    expect(new Set(numbersOf(named))).toEqual(new Set([100]));
  });

  it.each([
    ['uint8', 0, 255],
    ['int8', -128, 127],
    ['bool', 0, 1],
    ['int32', 0, 9],
    ['int64', 0, 9],
  ] as const)('%s values lie between %d and %d and reach both', (dtype, low, high) => {
    const values = numbersOf(draw(oneInput(dtype, [20_000]))[0]?.feeds.x);
    expect([Math.min(...values), Math.max(...values)]).toEqual([low, high]);
  });

  it('an index stays within the table it goes to, even behind a Cast', () => {
    const model = modelOf({
      inputs: { x: ['int64', [500]] },
      initializers: { table: floats([2, 3], [1, 2, 3, 4, 5, 6]) },
      nodes: [
        nodeOf('Cast', ['x'], 'i', [intAttribute('to', 6)]),
        nodeOf('Gather', ['table', 'i'], 'y', [intAttribute('axis', 1)]),
      ],
    });
    expect(new Set(numbersOf(draw(model)[0]?.feeds.x))).toEqual(new Set([0, 1, 2]));
  });

  it('a range alone is uniform over it, with a distribution cuts that off; integers take both ends', () => {
    const reals = numbersOf(draw(oneInput('float32', [5000]), { range: { low: -3, high: 3 } })[0]?.feeds.x);
    expect(Math.max(...reals.map(Math.abs))).toBeLessThanOrEqual(3);
    expect(reals.filter((value) => Math.abs(value) > 2).length / 5000).toBeCloseTo(1 / 3, 1);
    const options = { distribution: { kind: 'normal', mean: 0, deviation: 1 }, ranges: { x: { low: 0, high: 9 } } };
    const cut = numbersOf(draw(oneInput('float32', [2000]), options)[0]?.feeds.x);
    expect(Math.min(...cut)).toBeGreaterThanOrEqual(0);
    expect(cut.filter((value) => value < 1).length / 2000).toBeCloseTo(0.683, 1);
    const whole = numbersOf(draw(oneInput('int64', [500]), { ranges: { x: { low: 2, high: 4 } } })[0]?.feeds.x);
    expect(new Set(whole)).toEqual(new Set([2, 3, 4]));
  });

  it('magnitudes can be spread over powers of ten', () => {
    const distribution = { kind: 'logUniform', low: 1e-3, high: 1e3 };
    const sizes = numbersOf(draw(oneInput('float64', [4000]), { distribution })[0]?.feeds.x).map(Math.abs);
    expect(sizes.filter((size) => size < 1).length / 4000).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['another input', { ranges: { y: { low: 0, high: 1 } } }, 'input y: the model has no such input; its inputs are x'],
    ['what the type lacks', { ranges: { x: { low: -1, high: 1 } } }, 'input x: uint8 has no values from -1 to 1'],
    ['fractions', { ranges: { x: { low: 0, high: 1.5 } } }, 'input x: uint8 has no values from 0 to 1.5'],
  ])('a range for %s is refused', (_, options, message) => {
    expect(() => draw(oneInput('uint8', [1]), options)).toThrow(message);
  });

  it('a shape is made of ones', () => {
    const model = modelOf({ inputs: { x: ['int64', [3]] }, nodes: [nodeOf('ConstantOfShape', ['x'], 'y')] });
    expect(numbersOf(draw(model)[0]?.feeds.x)).toEqual([1, 1, 1]);
  });

  it('16-bit floats are stored as bits', () => {
    const bits = draw(oneInput('float16', [1000]))[0]?.feeds.x?.data;
    expect(bits).toBeInstanceOf(Uint16Array);
    expect(numbersOf(draw(oneInput('float16', [1000]))[0]?.feeds.x).some((value) => value > 0x8000)).toBe(true);
  });

  it('types that no number fills are refused', () => {
    expect(() => draw(oneInput('float8e4m3fn', [1]))).toThrow('values of type float8e4m3fn cannot be made up');
  });
});

describe('special cases', () => {
  it('there is one per class, then a sweep until every value has come up', () => {
    const cases = [...specialCases(oneInput('float32', [4]))];
    const names = cases.map(({ name }) => name);
    expect(names.slice(0, 6)).toEqual(
      ['zeros', 'denormals', 'normals', 'large', 'infinities', 'nans'].map((name) => `special/${name}`),
    );
    const swept = cases.filter(({ name }) => name.includes('sweep')).flatMap(({ feeds }) => numbersOf(feeds.x));
    for (const value of Object.values(specialValues('float32')).flat()) {
      expect(swept.some((other) => Object.is(other, value))).toBe(true);
    }
  });

  it('in two inputs every value meets every other', () => {
    const model = modelOf({ inputs: { a: ['float32', [32]], b: ['float32', [32]] } });
    const values = Object.values(specialValues('float32')).flat();
    const pairs = new Set<string>();
    for (const { name, feeds } of specialCases(model)) {
      if (!name.includes('sweep')) continue;
      const [a, b] = [numbersOf(feeds.a), numbersOf(feeds.b)];
      for (const [i, x] of a.entries()) pairs.add(`${texts(x)} ${texts(b[i] ?? 0)}`);
    }
    expect(pairs.size).toBe(values.length ** 2);
  });

  it('the values of a type are distinct and really its own', () => {
    for (const dtype of ['float16', 'bfloat16', 'float32', 'float64'] as const) {
      const values = Object.values(specialValues(dtype)).flat();
      expect(new Set(values.map(texts)).size).toBe(values.length);
    }
    const [sweep] = [...specialCases(oneInput('float16', [100]))].slice(-1);
    expect(new Set(numbersOf(sweep?.feeds.x)).size).toBe(Object.values(specialValues('float16')).flat().length);
  });

  it('indices stay valid, other integers take the ends of their type', () => {
    const gather = modelOf({
      inputs: { x: ['int64', [9]] },
      initializers: { table: floats([2], [1, 2]) },
      nodes: [nodeOf('Gather', ['table', 'x'], 'y')],
    });
    for (const { feeds } of specialCases(gather)) expect(Math.max(...numbersOf(feeds.x))).toBeLessThan(2);
    const [only] = [...specialCases(oneInput('int8', [5]))];
    expect(numbersOf(only?.feeds.x)).toEqual([0, 1, -1, 127, -128]);
  });
});

describe('given feeds', () => {
  const model = modelOf({ inputs: { x: ['float32', ['batch', 2]], y: ['int64', ['batch']] } });
  const x = floats([3, 2], [1, 2, 3, 4, 5, 6]);
  const y: Tensor = { dtype: 'int64', shape: [3], data: BigInt64Array.of(1n, 2n, 3n) };
  const check = (feeds: Record<string, Tensor>) => checkFeeds(model, { name: 'a', feeds });

  it('pass where they fit', () => {
    expect([...givenCases(model, [{ name: 'a', feeds: { x, y } }])]).toHaveLength(1);
  });

  it.each([
    ['missing', { x }, 'case a: input y: no value is given; give it as int64 [batch]'],
    ['unknown', { x, y, z: y }, 'case a: input z: the model has no such input; its inputs are x, y'],
    ['of another type', { x: y, y }, 'case a: input x: takes float32, got int64'],
    ['of another rank', { x: floats([6], [1, 2, 3, 4, 5, 6]), y }, 'case a: input x: takes shape [batch,2], got [6]'],
    [
      'of another extent',
      { x: floats([2, 3], [1, 2, 3, 4, 5, 6]), y },
      'case a: input x: takes shape [batch,2], got [2,3]',
    ],
    [
      'at odds with each other',
      { x: floats([1, 2], [1, 2]), y },
      'case a: input y: dimension batch is 3 here and 1 in input x',
    ],
  ])('%s are refused by name', (_, feeds, message) => {
    expect(() => check(feeds as Record<string, Tensor>)).toThrow(
      expect.objectContaining({ message, code: 'bad-input' }),
    );
  });

  it('an input with a default may be left out or given', () => {
    const defaulted = modelOf({ inputs: { x: ['float32', [1]] }, initializers: { x: floats([1], [5]) } });
    checkFeeds(defaulted, { name: 'a', feeds: {} });
    checkFeeds(defaulted, { name: 'a', feeds: { x: floats([1], [6]) } });
  });
});

function texts(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
