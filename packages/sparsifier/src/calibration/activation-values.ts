/** Values of an activation as a run gives them: numbers, and which channel each belongs to. */
import { badInput } from '@rheobase/exporter/errors';
import { bfloat16ToNumber, float16ToNumber, type Tensor } from '@rheobase/exporter/tensor';

/** The axis of the channels where nothing else is known: the last one, except in images `[batch, channels, height, width]`. */
export function usualChannelAxis(rank: number): number {
  return rank < 4 ? Math.max(0, rank - 1) : 1;
}

/** How many channels there are, and how many consecutive values belong to one. */
export function channelLayout(
  shape: readonly number[],
  axis = usualChannelAxis(shape.length),
): { readonly channels: number; readonly run: number } {
  return { channels: shape[axis] ?? 1, run: shape.slice(axis + 1).reduce((product, extent) => product * extent, 1) };
}

/** @throws RheobaseError `bad-input` where the value is no float tensor. */
export function asFloats(name: string, { dtype, data }: Tensor): Float32Array {
  if (dtype === 'float32') return data as Float32Array;
  if (dtype === 'float64') return Float32Array.from(data as Float64Array);
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, float16ToNumber);
  if (dtype === 'bfloat16') return Float32Array.from(data as Uint16Array, bfloat16ToNumber);
  throw badInput(`it is ${dtype}, where a float is needed`, { where: `value '${name}'` });
}
