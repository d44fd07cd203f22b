import { expect, it } from 'vitest';
import { defaultThreads } from './threads.js';

it.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 4],
  [64, 4],
])('on %i cores WASM gets %i threads', (cores, threads) => {
  expect(defaultThreads(cores)).toBe(threads);
});
