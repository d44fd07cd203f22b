import { describe, expect, it } from 'vitest';
import { loadMnist } from './mnist.js';

describe('loadMnist', () => {
  it('holds 10,000 test images of 784 pixels between 0 and 1, each digit about a tenth of them', async () => {
    const { images, labels } = await loadMnist('test');
    expect(images.shape).toEqual([10_000, 784]);
    expect(labels.shape).toEqual([10_000]);
    const [low, high] = images.data.reduce(([min, max], value) => [Math.min(min, value), Math.max(max, value)], [1, 0]);
    expect([low, high]).toEqual([0, 1]);
    const perDigit = new Map<bigint, number>();
    for (const label of labels.data) perDigit.set(label, (perDigit.get(label) ?? 0) + 1);
    expect([...perDigit.keys()].sort()).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    expect(Math.min(...perDigit.values())).toBeGreaterThan(850);
  });

  it('takes as many as asked, and no more than there are', async () => {
    expect((await loadMnist('test', 3)).images.shape).toEqual([3, 784]);
    await expect(loadMnist('test', 10_001)).rejects.toThrow('10001 images asked for, the data holds 10000');
  });
});
