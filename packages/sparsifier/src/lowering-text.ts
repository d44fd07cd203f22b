/** How a product is executed, for a table: the lowering and the numbers it was made with. */
import type { SparsifyProduct, SparsifyReport } from './report.js';

export function loweringText({ lowering, parameters }: Pick<SparsifyProduct, 'lowering' | 'parameters'>): string {
  const numbers = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return numbers.length === 0 ? lowering : `${lowering} (${numbers.join(', ')})`;
}

/** What sparse execution alone adds to the error at the output, in words. */
export function executionText(error: number | null): string {
  return error === null ? '' : `Sparse execution alone changes the output by ${error.toExponential(1)}, relatively.`;
}

/** Neurons that do nothing, in words. */
export function uselessText({
  deadNeurons,
  unreadNeurons,
  removedNeurons,
}: Pick<SparsifyReport, 'deadNeurons' | 'unreadNeurons' | 'removedNeurons'>): string {
  const unread = unreadNeurons === 0 ? '' : `, ${unreadNeurons} that nobody reads`;
  const removed = removedNeurons === 0 ? '' : `; ${removedNeurons} of them taken out`;
  return `${deadNeurons} neurons that never fire${unread}${removed}`;
}
