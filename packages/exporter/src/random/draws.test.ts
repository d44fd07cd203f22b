import { expect, it } from 'vitest';
import { integerIn, normal, shuffled } from './draws.js';
import { random } from './random.js';

const many = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

it('normal numbers have mean 0, variance 1 and two tails', () => {
  const stream = random(7);
  const values = many(100_000, () => normal(stream));
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  // 4.55 % of a normal distribution lie beyond two standard deviations.
  expect(values.filter((x) => Math.abs(x) > 2).length / values.length).toBeCloseTo(0.0455, 2);
});

it('integers fill their range evenly and nothing beyond', () => {
  const stream = random(3);
  const counts = new Map<number, number>();
  for (const value of many(30_000, () => integerIn(stream, -1, 2))) counts.set(value, (counts.get(value) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([-1, 0, 1]);
  for (const count of counts.values()) expect(count / 30_000).toBeCloseTo(1 / 3, 1);
});

it('a shuffle keeps the items and reaches every order', () => {
  const stream = random(3);
  const orders = new Set(many(500, () => shuffled(stream, ['a', 'b', 'c']).join('')));
  expect(orders).toEqual(new Set(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']));
});
