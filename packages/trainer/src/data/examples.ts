/**
 * Examples as a source gives them, and the data set they become: inputs as float32, pixels scaled, a single number per
 * target as a class where it is a whole one. What a network and a loss want beyond that is a view (`fitting.ts`).
 */
import { badInput, type DType, RheobaseError, sizeOf, type Tensor, type TypedArray } from '@rheobase/exporter';
import { bfloat16ToNumber, dtypeKind, float16ToNumber } from '@rheobase/exporter/tensor';
import { type Dataset, tensorDataset } from './dataset.js';

/** One split of a source, the first axis counting examples. */
export interface Examples {
  readonly x: Tensor;
  /** Numbers, rows of numbers, or names of classes; undefined where the source has no targets. */
  readonly y: Tensor | undefined;
  /** Whether the inputs are pixels of 0 to 255, whatever their element type; by default uint8 is. */
  readonly pixels?: boolean;
}

/**
 * - `auto`: pixels (uint8, or what the source calls so) are divided by 255, the rest stays as it is.
 * - `pixels`: everything is divided by 255.
 * - `none`: numbers stay as they are.
 */
export type Scaling = 'auto' | 'pixels' | 'none';

export interface ExamplesOptions {
  /** Default `auto`. */
  readonly scaling?: Scaling;
  /** Names of classes in order, where targets are names; default: those that occur, sorted. */
  readonly classes?: readonly string[];
  /** Takes so many examples from the start; default all. */
  readonly limit?: number;
  /** How errors call the source. */
  readonly name: string;
}

/**
 * The data set of some examples: x float32 `[…]`; y an int64 class where a target is one whole number, else float32
 * `[…]`. Without targets every y is class 0.
 * @throws RheobaseError `bad-input` where there are none, counts differ, or elements are no numbers.
 */
export function examplesDataset({ x, y, pixels }: Examples, options: ExamplesOptions): Dataset {
  const { scaling = 'auto', classes, limit = x.shape[0] ?? 0, name } = options;
  try {
    if (x.shape.length === 0) throw badInput('its inputs are one number, not a list of examples');
    if (!Number.isSafeInteger(limit) || limit < 1) {
      if (limit !== 0) throw badInput(`${limit} examples asked for`, { remedy: 'ask for a whole number of 1 or more' });
    }
    const isPixels = scaling === 'pixels' || (scaling === 'auto' && (pixels ?? x.dtype === 'uint8'));
    const inputs = leading(x, limit);
    const scaled = floats(inputs, isPixels ? 255 : 1, 'inputs');
    requireFinite(scaled);
    const targets = y === undefined ? noTargets(inputs.shape[0]) : targetsOf(leading(y, limit), classes);
    return tensorDataset(scaled, targets);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(name) : error;
  }
}

/** Names of the classes that occur among targets, sorted; undefined where targets are numbers. */
export function classNames({ dtype, data }: Tensor): readonly string[] | undefined {
  return dtype === 'string' ? [...new Set(data as readonly string[])].sort() : undefined;
}

function leading(tensor: Tensor, limit: number): Tensor {
  const [count = 0, ...rest] = tensor.shape;
  if (limit >= count) return tensor;
  return { ...tensor, shape: [limit, ...rest], data: tensor.data.slice(0, limit * sizeOf(rest)) } as Tensor;
}

function requireFinite({ data, shape }: Tensor<'float32'>): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  const example = Math.floor(at / sizeOf(shape.slice(1)));
  throw badInput(`holds ${data[at]}`, { where: `input of example ${example}`, remedy: 'leave that example out' });
}

/** Elements as float32, divided by a number; the tensor itself where nothing changes. */
function floats(tensor: Tensor, divisor: number, what: string): Tensor<'float32'> {
  const { dtype, shape } = tensor;
  if (dtype === 'float32' && divisor === 1) return tensor as Tensor<'float32'>;
  const at = numbersOf(tensor, what);
  const data = new Float32Array(sizeOf(shape));
  for (let index = 0; index < data.length; index += 1) data[index] = at(index) / divisor;
  return { dtype: 'float32', shape, data };
}

/** The elements of a tensor as numbers, whatever their type. */
function numbersOf({ dtype, data }: Tensor, what: string): (index: number) => number {
  if (dtype === 'float16') return (index) => float16ToNumber(data[index] as number);
  if (dtype === 'bfloat16') return (index) => bfloat16ToNumber(data[index] as number);
  if (!isNumeric(dtype)) throw badInput(`its ${what} are ${dtype}, not numbers`);
  return (index) => Number(data[index]);
}

function isNumeric(dtype: DType): boolean {
  return !['string', 'complex'].includes(dtypeKind(dtype)) && !/^(float8|float4|u?int[24]$)/.test(dtype);
}

function noTargets(count: number): Tensor {
  return { dtype: 'int64', shape: [count], data: new BigInt64Array(count) };
}

function targetsOf(y: Tensor, classes: readonly string[] | undefined): Tensor {
  const [count = 0, ...shape] = y.shape;
  if (y.dtype === 'string') return namedClasses(y as Tensor<'string'>, classes ?? classNames(y) ?? []);
  const at = numbersOf(y, 'targets');
  const isSingle = sizeOf(shape) === 1;
  if (isSingle && everyElement(count, (index) => Number.isSafeInteger(at(index)))) {
    return {
      dtype: 'int64',
      shape: [count],
      data: BigInt64Array.from({ length: count }, (_, index) => BigInt(at(index))),
    };
  }
  return floats(isSingle ? { ...y, shape: [count] } : y, 1, 'targets');
}

function everyElement(count: number, holds: (index: number) => boolean): boolean {
  for (let index = 0; index < count; index += 1) if (!holds(index)) return false;
  return true;
}

function namedClasses({ shape, data }: Tensor<'string'>, classes: readonly string[]): Tensor {
  const [count = 0] = shape;
  if (data.length !== count) throw badInput(`its targets are string [${shape}], one name an example is needed`);
  const numbers = new Map(classes.map((name, index) => [name, BigInt(index)]));
  const numbered = data.map((name, example) => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    throw badInput(`is ${JSON.stringify(name)}, which is none of the classes ${briefList(classes)}`, {
      where: `target of example ${example}`,
    });
  });
  return { dtype: 'int64', shape: [count], data: BigInt64Array.from(numbered) };
}

function briefList(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
}

/** Copies of both, for who wants tensors: x `[count, …]`, y `[count, …]`. */
export function datasetTensors({ count, x, y, read }: Dataset): { readonly x: Tensor; readonly y: Tensor } {
  const storage = ({ dtype, shape }: Dataset['x']): TypedArray =>
    dtype === 'int64' ? new BigInt64Array(count * sizeOf(shape)) : new Float32Array(count * sizeOf(shape));
  const [toX, toY] = [storage(x), storage(y)];
  read(
    Uint32Array.from({ length: count }, (_, index) => index),
    toX,
    toY,
  );
  return {
    x: { dtype: x.dtype, shape: [count, ...x.shape], data: toX } as Tensor,
    y: { dtype: y.dtype, shape: [count, ...y.shape], data: toY } as Tensor,
  };
}
