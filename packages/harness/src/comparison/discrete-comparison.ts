/** Booleans and strings: equal or not, and no distance between them. A boolean is true where its byte is not zero. */
import type { Tensor } from '@rheobase/exporter/tensor';
import { type Difference, NO_CLASSES } from './difference.js';
import { WorstElements } from './worst-elements.js';

export function compareDiscrete(actual: Tensor, expected: Tensor, worst: number): Difference {
  const [a, e] = [textsOf(actual), textsOf(expected)];
  const worstElements = new WorstElements(
    worst,
    expected.shape,
    { text: (index) => a[index], hex: () => null },
    { text: (index) => e[index], hex: () => null },
  );
  let mismatched = 0;
  for (let i = 0; i < e.length; i += 1) {
    if (a[i] === e[i]) continue;
    mismatched += 1;
    worstElements.add(i, 'distance', null, null);
  }
  return {
    mismatched,
    maxAbs: null,
    maxRel: null,
    maxUlp: null,
    ...NO_CLASSES,
    worst: worstElements.list(),
    histogram: null,
  };
}

function textsOf({ dtype, data }: Tensor): readonly string[] {
  if (dtype === 'string') return data as readonly string[];
  return Array.from(data as Uint8Array, (value) => (value === 0 ? 'false' : 'true'));
}
