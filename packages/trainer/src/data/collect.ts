/**
 * Examples that come one by one (a generator, an asynchronous stream) gathered into tensors. Each is copied as it
 * comes into arrays that grow by doubling, so that no more of a stream is held than its numbers.
 */
import { badInput, type Tensor } from '@rheobase/exporter';
import type { Examples } from './examples.js';

/** A number, numbers in nested lists, a typed array, or a tensor. */
export type ExampleValue =
  | number
  | bigint
  | boolean
  | ArrayLike<number>
  | ArrayLike<bigint>
  | readonly ExampleValue[]
  | Pick<Tensor, 'shape' | 'data'>;

export interface Example {
  readonly x: ExampleValue;
  /** A class as a number or a name, or numbers. */
  readonly y?: ExampleValue | string;
}

/** `{ x, y }`, or `[x, y]`. */
export type ExampleStream = Iterable<Example | readonly unknown[]> | AsyncIterable<Example | readonly unknown[]>;

/**
 * @param name how errors call the source.
 * @throws RheobaseError `bad-input` where an example is none, or is shaped unlike the first.
 */
export async function collectExamples(stream: ExampleStream, name: string): Promise<Examples> {
  const inputs = new Gathered('inputs');
  const targets = new Gathered('targets');
  const names: string[] = [];
  let count = 0;
  for await (const item of stream) {
    const where = `${name}: example ${count}`;
    const { x, y } = partsOf(item, where);
    inputs.add(x, where);
    if (typeof y === 'string') names.push(y);
    else if (y !== undefined) targets.add(y, where);
    count += 1;
    const given = names.length + targets.count;
    if ((given !== 0 && given !== count) || (names.length > 0 && targets.count > 0)) {
      throw badInput('its target is of another kind than those before', { where });
    }
  }
  if (count === 0) throw badInput('the data set is empty', { where: name });
  const y: Tensor | undefined =
    names.length > 0
      ? { dtype: 'string', shape: [names.length], data: names }
      : targets.count > 0
        ? targets.tensor()
        : undefined;
  return { x: inputs.tensor(), y, pixels: inputs.isBytes };
}

function partsOf(item: Example | readonly unknown[], where: string): Example {
  if (Array.isArray(item) && (item.length === 1 || item.length === 2)) return { x: item[0], y: item[1] };
  if (typeof item === 'object' && item !== null && 'x' in item) return item;
  throw badInput('is no example', { where, remedy: 'yield { x, y } or [x, y]' });
}

class Gathered {
  count = 0;
  /** Whether every value came in a Uint8Array: pixels. */
  isBytes = true;
  #data = new Float64Array(1024);
  #shape: readonly number[] = [];
  #length = 0;

  constructor(private readonly what: string) {}

  add(value: ExampleValue, where: string): void {
    const start = this.#length;
    const shape = this.#append(value, where);
    if (this.count === 0) this.#shape = shape;
    const size = this.#shape.reduce((product, extent) => product * extent, 1);
    if (shape.join() !== this.#shape.join() || this.#length - start !== size) {
      throw badInput(`its ${this.what} are [${shape}], those before [${this.#shape}]`, { where });
    }
    this.count += 1;
  }

  /** Appends all numbers of a value; its shape. */
  #append(value: unknown, where: string): readonly number[] {
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
      this.isBytes = false;
      this.#push(Number(value));
      return [];
    }
    if (isNumberArray(value)) {
      if (!(value instanceof Uint8Array) && !(value instanceof Uint8ClampedArray)) this.isBytes = false;
      for (let at = 0; at < value.length; at += 1) this.#push(Number(value[at]));
      return [value.length];
    }
    if (Array.isArray(value)) {
      const shapes = value.map((item) => this.#append(item, where));
      const uneven = shapes.find((shape) => shape.join() !== shapes[0].join());
      if (uneven !== undefined) throw badInput(`its ${this.what} are lists of different lengths`, { where });
      return [value.length, ...(shapes[0] ?? [])];
    }
    if (isTensor(value)) {
      this.#append(value.data, where);
      return value.shape;
    }
    throw badInput(`its ${this.what} are ${value === null ? 'null' : typeof value}, not numbers`, { where });
  }

  #push(number: number): void {
    if (this.#length === this.#data.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data[this.#length] = number;
    this.#length += 1;
  }

  tensor(): Tensor {
    return {
      dtype: 'float64',
      shape: [this.count, ...this.#shape],
      data: this.#data.subarray(0, this.#length),
    };
  }
}

function isNumberArray(value: unknown): value is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isTensor(value: unknown): value is Pick<Tensor, 'shape' | 'data'> {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}
