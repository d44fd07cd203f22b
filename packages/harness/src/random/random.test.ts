import { expect, it } from 'vitest';
import { Random } from './random.js';

const many = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

it('the same seed and names give the same numbers; another name gives others', () => {
  const of = (...names: string[]) => {
    const random = new Random(1, ...names);
    return many(5, () => random.uint32());
  };
  expect(of('x')).toEqual(of('x'));
  expect(of('x')).not.toEqual(of('y'));
});

it('uniform numbers fill [0, 1) evenly', () => {
  const random = new Random(7);
  const counts = new Array(10).fill(0);
  for (const value of many(100_000, () => random.uniform())) counts[Math.floor(value * 10)] += 1;
  expect(Math.min(...counts)).toBeGreaterThan(9_600);
  expect(Math.max(...counts)).toBeLessThan(10_400);
});

it('normal numbers have mean 0, variance 1 and two tails', () => {
  const random = new Random(7);
  const values = many(100_000, () => random.normal());
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  // 4.55 % of a normal distribution lie beyond two standard deviations.
  expect(values.filter((x) => Math.abs(x) > 2).length / values.length).toBeCloseTo(0.0455, 2);
});

it('integers reach both ends of the range and nothing beyond', () => {
  const random = new Random(3);
  expect([...new Set(many(1000, () => random.integer(-1, 2)))].sort()).toEqual([-1, 0, 1]);
});

it('a shuffle keeps the items and reaches every order', () => {
  const random = new Random(3);
  const orders = new Set(many(500, () => random.shuffled(['a', 'b', 'c']).join('')));
  expect(orders).toEqual(new Set(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']));
});
