/**
 * A data set as a network takes it: inputs in the network's shape, targets in the loss's element type. Views that
 * convert while a batch is read; the examples stay as they are.
 */
import { badInput, sizeOf, type TypedArray } from '@rheobase/exporter';
import type { Dataset, ExampleType } from './dataset.js';

/**
 * Inputs reshaped to `[…shape]` where the number of elements is right: flattened or not, with an axis of one channel or
 * without. Colour images are turned from channels last to channels first, or the other way, where the extents say that
 * they lie so.
 * @throws RheobaseError `bad-input` where the sizes differ.
 */
export function withInputShape(data: Dataset, shape: readonly number[]): Dataset {
  const own = data.x.shape;
  if (own.join() === shape.join()) return data;
  if (sizeOf(own) !== sizeOf(shape)) {
    throw badInput(
      `its examples are [${own}] (${sizeOf(own)} numbers), the model takes [${shape}] (${sizeOf(shape)})`,
      {
        remedy: 'give data of that size',
      },
    );
  }
  const view: Dataset = { ...data, x: { ...data.x, shape } };
  const order = channelMove(own, shape);
  if (order === undefined) return view;
  return {
    ...view,
    read(indices, x, y) {
      data.read(indices, x, y);
      permuteEach(x as Float32Array, indices.length, order);
    },
  };
}

/** For each element of an example in the new layout, its place in the old; undefined where nothing has to move. */
function channelMove(from: readonly number[], to: readonly number[]): Uint32Array | undefined {
  const [a, b, c] = from;
  // One channel lies the same way first and last.
  if (from.length !== 3 || to.length !== 3 || a === 1 || c === 1) return undefined;
  if (to.join() === [c, a, b].join()) return places(to, [1, b * c, c]);
  if (to.join() === [b, c, a].join()) return places(to, [c, 1, b * c]);
  return undefined;
}

function places(shape: readonly number[], strides: readonly number[]): Uint32Array {
  const [rows, columns, depth] = shape;
  const order = new Uint32Array(rows * columns * depth);
  let at = 0;
  for (let i = 0; i < rows; i += 1)
    for (let j = 0; j < columns; j += 1)
      for (let k = 0; k < depth; k += 1) {
        order[at] = i * strides[0] + j * strides[1] + k * strides[2];
        at += 1;
      }
  return order;
}

function permuteEach(x: Float32Array, count: number, order: Uint32Array): void {
  const size = order.length;
  const example = new Float32Array(size);
  for (let start = 0; start < count * size; start += size) {
    example.set(x.subarray(start, start + size));
    for (let at = 0; at < size; at += 1) x[start + at] = example[order[at]];
  }
}

/**
 * Targets as a loss takes them. Classes become rows of zeros with a one where the loss wants `[classes]` floats, and
 * plain numbers where it wants one; one-hot rows become classes where it wants those.
 * @throws RheobaseError `bad-input` where they cannot.
 */
export function withTargets(data: Dataset, target: ExampleType): Dataset {
  const own = data.y;
  if (own.dtype === target.dtype && own.shape.join() === target.shape.join()) return data;
  const convert = conversion(own, target);
  if (convert === undefined) {
    throw badInput(`its targets are ${own.dtype} [${own.shape}], the loss takes ${target.dtype} [${target.shape}]`, {
      remedy: 'choose another loss, or give other targets',
    });
  }
  let scratch = storage(own, 0);
  return {
    ...data,
    y: target,
    read(indices, x, y) {
      const size = indices.length * sizeOf(own.shape);
      if (scratch.length < size) scratch = storage(own, size);
      const from = scratch.subarray(0, size);
      data.read(indices, x, from);
      convert(from, y, (at) => data.numberOf?.(indices[at]) ?? indices[at]);
    },
  };
}

/** `numberOf` tells what errors call the example at a place of the batch. */
type Conversion = (from: TypedArray, to: TypedArray, numberOf: (at: number) => number) => void;

function conversion(own: ExampleType, target: ExampleType): Conversion | undefined {
  const [from, to] = [sizeOf(own.shape), sizeOf(target.shape)];
  if (target.dtype === 'float32' && from === to) return copyNumbers;
  if (target.dtype === 'float32' && own.dtype === 'int64' && from === 1) {
    return (classes, rows, numberOf) => toOneHot(classes as BigInt64Array, rows as Float32Array, to, numberOf);
  }
  if (target.dtype === 'int64' && own.dtype === 'float32' && to === 1 && from > 1) {
    return (rows, classes, numberOf) => fromOneHot(rows as Float32Array, classes as BigInt64Array, from, numberOf);
  }
  return undefined;
}

const copyNumbers: Conversion = (from, to) => {
  for (let at = 0; at < from.length; at += 1) to[at] = Number(from[at]);
};

function toOneHot(classes: BigInt64Array, rows: Float32Array, width: number, numberOf: (at: number) => number): void {
  rows.fill(0);
  for (const [at, label] of classes.entries()) {
    if (label < 0n || label >= BigInt(width)) throw outOfRange(label, width, numberOf(at));
    rows[at * width + Number(label)] = 1;
  }
}

function fromOneHot(rows: Float32Array, classes: BigInt64Array, width: number, numberOf: (at: number) => number): void {
  for (let at = 0; at < classes.length; at += 1) {
    const row = rows.subarray(at * width, (at + 1) * width);
    const one = row.indexOf(1);
    if (one === -1 || row.some((value, column) => column !== one && value !== 0)) {
      throw badInput(`is [${Array.from(row).slice(0, 8)}${width > 8 ? ', …' : ''}], no row with a single one`, {
        where: `target of example ${numberOf(at)}`,
        remedy: 'choose another loss, or give class numbers',
      });
    }
    classes[at] = BigInt(one);
  }
}

function outOfRange(label: bigint, classes: number, example: number): Error {
  return badInput(`is the class ${label}, the network has the classes 0 to ${classes - 1}`, {
    where: `target of example ${example}`,
  });
}

function storage({ dtype }: ExampleType, length: number): TypedArray {
  return dtype === 'int64' ? new BigInt64Array(length) : new Float32Array(length);
}
