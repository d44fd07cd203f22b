import { random } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { FiringPatterns } from '../calibration/index.js';
import { byCoActivation } from './co-activation.js';

/** 48 neurons in four groups, dealt out in turn; in each row one group fires, and nobody else. */
function grouped(rows: number) {
  const draw = random(5, 'groups');
  const patterns = new FiringPatterns(48, rows);
  for (let row = 0; row < rows; row += 1) {
    const group = Math.floor(draw.uniform() * 4);
    patterns.add(Float32Array.from({ length: 48 }, (_, n) => (n % 4 === group && draw.uniform() < 0.7 ? 1 : 0)));
  }
  return patterns;
}

describe('byCoActivation', () => {
  it('finds the groups that fire together, whatever their places', () => {
    const patterns = grouped(200);
    const { order } = byCoActivation(patterns, 12);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, n) => n));
    for (let block = 0; block < 4; block += 1) {
      const groups = new Set(Array.from(order.subarray(block * 12, block * 12 + 12), (neuron) => neuron % 4));
      expect(groups.size).toBe(1);
    }
    const before = patterns.busyBlocks([...Array(48).keys()], 12, 1);
    expect(Math.max(...patterns.busyBlocks(order, 12, 1))).toBe(1);
    expect(Math.max(...before)).toBe(4);
  });

  it('puts neurons that never fire among themselves', () => {
    const patterns = new FiringPatterns(8, 40);
    for (let row = 0; row < 40; row += 1)
      patterns.add(Float32Array.from({ length: 8 }, (_, n) => (n < 4 && row % (n + 1) === 0 ? 1 : 0)));
    expect([...byCoActivation(patterns, 4).order.subarray(4)]).toEqual([4, 5, 6, 7]);
  });

  it('counts the union of several rows of a run', () => {
    const patterns = grouped(64);
    const { order } = byCoActivation(patterns, 12);
    const [one, all] = [patterns.busyBlocks(order, 12, 1), patterns.busyBlocks(order, 12, 64)];
    expect(one).toHaveLength(64);
    expect(all).toEqual([4]);
  });
});
