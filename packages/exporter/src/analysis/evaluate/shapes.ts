/** Shape and Size: known as soon as the extents of the input are, whatever its elements. */
import type { KnownValue } from '../../inference/index.js';
import type { Node } from '../../model/model.js';
import { sizeOf, type Tensor } from '../../tensor/index.js';
import { scalarAttribute } from '../node-attributes.js';

type ByType = (node: Node, inputs: readonly (KnownValue | undefined)[]) => Tensor | undefined;

const shape: ByType = (node, [input]) => {
  const extents = extentsOf(input);
  if (extents === undefined) return undefined;
  const start = scalarAttribute(node, 'start');
  const end = scalarAttribute(node, 'end');
  const part = extents.slice(Number(start ?? 0), end === undefined ? undefined : Number(end));
  // A dimension that is not asked for may be unknown.
  const known = part.filter((extent) => typeof extent === 'number');
  if (known.length < part.length) return undefined;
  return { dtype: 'int64', shape: [part.length], data: BigInt64Array.from(known, BigInt) };
};

const size: ByType = (_, [input]) => {
  const extents = extentsOf(input);
  const known = extents?.filter((extent) => typeof extent === 'number');
  if (known === undefined || known.length !== extents?.length) return undefined;
  return { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(sizeOf(known))) };
};

export const SHAPES: ReadonlyMap<string, ByType> = new Map([
  ['Shape', shape],
  ['Size', size],
]);

function extentsOf(input: KnownValue | undefined) {
  return input?.type.kind === 'tensor' ? (input.type.shape ?? undefined) : undefined;
}
