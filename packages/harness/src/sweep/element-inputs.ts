/** Which elements of the inputs an element of the output comes from, where an operator works element by element. */
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';

/** The elements that broadcasting takes for an index of the output, each as a tensor of shape [1]. */
export function elementInputs(feeds: Feeds, index: readonly number[]): Feeds {
  const single = Object.entries(feeds).map(([name, tensor]): [string, Tensor] => [name, elementAt(tensor, index)]);
  return Object.fromEntries(single);
}

function elementAt({ dtype, shape, data }: Tensor, index: readonly number[]): Tensor {
  const own = index.slice(index.length - shape.length);
  const flat = shape.reduce((sum, extent, axis) => sum * extent + Math.min(own[axis] ?? 0, extent - 1), 0);
  return { dtype, shape: [1], data: data.slice(flat, flat + 1) } as Tensor;
}
