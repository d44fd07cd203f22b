/**
 * Neurons that fire together, side by side: blocks for a block-wise mixture. The fewer rows a block has a firing neuron
 * in, the less often its weights are read.
 *
 * Greedy: the busiest neuron left begins a block, and those join whose rows are most like the block's own (Jaccard: rows
 * in which both fire / rows in which one does). So the neurons that never fire end up among themselves. Balanced
 * k-means, as MoEfication takes it, knows no union, which is what a block costs.
 */
import { type FiringPatterns, unite } from '../calibration/index.js';
import type { NeuronOrder } from './reorder-neurons.js';

/**
 * An order whose runs of `blockSize` neurons are the blocks; ties go to the neuron that comes first.
 * @param kept the neurons to place; default all.
 */
export function byCoActivation(firing: FiringPatterns, blockSize: number, kept?: readonly number[]): NeuronOrder {
  const { neurons, words } = firing;
  const counts = Uint32Array.from({ length: neurons }, (_, neuron) => population(firing.of(neuron)));
  const waiting = [...(kept ?? counts.keys())].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const order = new Uint32Array(waiting.length);
  let placed = 0;
  while (waiting.length > 0) {
    const block = new Uint32Array(words);
    for (let place = 0; place < blockSize && waiting.length > 0; place += 1) {
      const chosen = place === 0 ? 0 : mostAlike(block, waiting, firing, counts);
      const [neuron = 0] = waiting.splice(chosen, 1);
      unite(block, firing.of(neuron));
      order[placed] = neuron;
      placed += 1;
    }
  }
  return { neurons, order };
}

/** The position among those waiting whose neuron is most like the block. */
function mostAlike(
  block: Uint32Array,
  waiting: readonly number[],
  firing: FiringPatterns,
  counts: Uint32Array,
): number {
  const size = population(block);
  let best = 0;
  let bestLikeness = -1;
  for (const [position, neuron] of waiting.entries()) {
    const own = firing.of(neuron);
    let both = 0;
    for (let word = 0; word < block.length; word += 1) both += ones((block[word] as number) & (own[word] as number));
    const either = size + (counts[neuron] as number) - both;
    const likeness = either === 0 ? 0 : both / either;
    if (likeness > bestLikeness) [best, bestLikeness] = [position, likeness];
  }
  return best;
}

function population(words: Uint32Array): number {
  return words.reduce((sum, word) => sum + ones(word), 0);
}

/** Bits set in 32, counted side by side (Warren, "Hacker's Delight", 5-1). */
function ones(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
