/**
 * All trainable parameters of a network as one vector: what a checkpoint holds and a training graph is fed. Where each
 * parameter lies in it, and the way in and out.
 *
 * Inside the graph the vector is a few groups. A large parameter is a group of its own, so that it is neither cut out
 * nor joined up (two passes over memory each); the many small ones are one group, so that the optimizer's kernels are
 * not run for each of them.
 */
import { badInput, type FloatDType, type Network, sizeOf, type Tensor, type Value } from '@rheobase/exporter';
import { concat, flat, reshape, split } from '../graph/operators.js';
import { withShape } from '../graph/values.js';

export interface VectorEntry {
  /** `layer/parameter`. */
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  /** First element in the vector. */
  readonly offset: number;
  readonly size: number;
}

/** Entries that lie one after the other. */
export interface VectorGroup {
  readonly entries: readonly VectorEntry[];
  readonly size: number;
}

export interface ParameterVector {
  readonly dtype: FloatDType;
  readonly size: number;
  /** In order of their offsets: large parameters first, then small ones, each in the network's order. */
  readonly entries: readonly VectorEntry[];
  readonly groups: readonly VectorGroup[];
}

/** From this many elements on a parameter is a group of its own. */
const LARGE = 16_384;

/** @throws RheobaseError `bad-input` where the network has nothing to train. */
export function parameterVector({ parameters, dtype }: Network): ParameterVector {
  const trainable = parameters.filter((parameter) => parameter.trainable);
  if (trainable.length === 0) throw badInput('the network has no trainable parameters');
  const isLarge = ({ shape }: { readonly shape: readonly number[] }) => sizeOf(shape) >= LARGE;
  const ordered = [...trainable.filter(isLarge), ...trainable.filter((parameter) => !isLarge(parameter))];
  let offset = 0;
  const entries = ordered.map(({ name, layer, shape }): VectorEntry => {
    const entry = { name, layer, shape, offset, size: sizeOf(shape) };
    offset += entry.size;
    return entry;
  });
  const small = entries.filter((entry) => !isLarge(entry));
  const lists = [...entries.filter(isLarge).map((entry) => [entry]), ...(small.length === 0 ? [] : [small])];
  const groups = lists.map((list) => ({ entries: list, size: list.reduce((sum, { size }) => sum + size, 0) }));
  return { dtype, size: offset, entries, groups };
}

/** The parameters of a group as views into its vector, by name. */
export function cutApart<V extends Value>({ entries }: VectorGroup, vector: V): Readonly<Record<string, V>> {
  const sizes = entries.map(({ size }) => size);
  const pieces = entries.length === 1 ? [vector] : split(vector as Value, sizes, 0, entries.length);
  const views = entries.map(({ name, shape }, index) => {
    const piece = withShape(pieces[index], [sizes[index]]);
    return [name, shape.length === 1 ? piece : reshape(piece, shape, shape)];
  });
  return Object.fromEntries(views) as Readonly<Record<string, V>>;
}

/** Values shaped like a group's parameters, in their order, as one vector. */
export function joinUp(size: number, values: readonly Value[]): Value {
  const pieces = values.map((value) => flat(value));
  return pieces.length === 1 ? withShape(pieces[0], [size]) : concat(pieces, 0, [size]);
}

/** A whole vector cut into its groups. */
export function groupsOf({ groups }: ParameterVector, vector: Value): Value[] {
  if (groups.length === 1) return [vector];
  const pieces = split(
    vector,
    groups.map(({ size }) => size),
    0,
    groups.length,
  );
  return pieces.map((piece, index) => withShape(piece, [groups[index].size]));
}

/** Tensors by parameter name as one vector. */
export function packVector(vector: ParameterVector, tensors: Readonly<Record<string, Tensor>>): Float32Array {
  const packed = new Float32Array(vector.size);
  for (const { name, offset, size, shape } of vector.entries) {
    const tensor = tensors[name];
    if (tensor === undefined) throw badInput(`no value for the parameter '${name}'`);
    if (tensor.dtype !== 'float32' || sizeOf(tensor.shape) !== size) {
      throw badInput(`the parameter '${name}' is float32 [${shape}], got ${tensor.dtype} [${tensor.shape}]`);
    }
    packed.set(tensor.data as Float32Array, offset);
  }
  return packed;
}

/** The vector taken apart into tensors by parameter name; copies. */
export function unpackVector({ entries }: ParameterVector, packed: Float32Array): Record<string, Tensor<'float32'>> {
  return Object.fromEntries(
    entries.map(({ name, shape, offset, size }) => [
      name,
      { dtype: 'float32', shape, data: packed.slice(offset, offset + size) } as const,
    ]),
  );
}
