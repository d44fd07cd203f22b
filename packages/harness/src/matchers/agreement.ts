/** The comparison behind `toAgreeWith`: what may be compared, what it is held to, and how a failure reads. */
import { badInput } from '@rheobase/exporter/errors';
import { type DType, storageLength, type Tensor, tensor } from '@rheobase/exporter/tensor';
import { type Comparison, compareTensors } from '../comparison/index.js';
import { errorSize } from '../report/format.js';
import { type ToleranceChange, tolerancePolicy } from '../tolerances/index.js';

/** A tensor, or numbers alone: a list is taken as float64, or as the type of the tensor it is compared with. */
export type Comparable = Tensor | Float32Array | Float64Array | Int32Array | readonly number[];

export interface AgreementOptions extends ToleranceChange {
  /** Where the two come from, for the tolerance that is allowed between them; default `node/cpu` for both. */
  readonly backend?: string;
  readonly baseline?: string;
  /** How many of the worst elements a failure shows. Default 5. */
  readonly worst?: number;
}

export interface Agreement {
  readonly agrees: boolean;
  readonly text: string;
}

/**
 * Compares as `verify` does: by the tolerance of the element type between two backends, or by `atol`, `rtol`, `scale` and
 * `ulp` where one of them is given.
 * @throws RheobaseError `bad-input` for what is no tensor and no list of numbers.
 */
export function agreement(actual: unknown, expected: unknown, options: AgreementOptions = {}): Agreement {
  const { backend = 'node/cpu', baseline = 'node/cpu', worst = 5, ...change } = options;
  const reference = tensorFrom(expected, 'expected', isTensor(actual) ? actual : null);
  const received = tensorFrom(actual, 'actual', reference);
  const policy = tolerancePolicy({ all: change });
  const tolerance = policy({ output: '', dtype: reference.dtype, backend, baseline });
  const comparison = compareTensors(received, reference, { tolerance, worst, histogram: false });
  return { agrees: comparison.verdict === 'agree', text: explain(comparison, reference) };
}

function tensorFrom(value: unknown, role: string, like: Tensor | null): Tensor {
  if (isTensor(value)) {
    const length = storageLength(value.dtype, value.shape);
    if (value.data.length === length) return value;
    throw badInput(`has ${value.data.length} elements, and its shape [${value.shape}] takes ${length}`, {
      where: role,
    });
  }
  if (value instanceof Float32Array) return tensor('float32', shapeLike(value, like), value);
  if (value instanceof Float64Array) return tensor('float64', shapeLike(value, like), value);
  if (value instanceof Int32Array) return tensor('int32', shapeLike(value, like), value);
  if (Array.isArray(value) && value.every((element) => typeof element === 'number')) return listAs(value, like);
  throw badInput('is no tensor and no list of numbers', {
    where: role,
    remedy: 'give { dtype, shape, data }, a typed array, or an array of numbers',
  });
}

function shapeLike({ length }: { readonly length: number }, like: Tensor | null): readonly number[] {
  return like !== null && storageLength(like.dtype, like.shape) === length ? like.shape : [length];
}

function listAs(numbers: readonly number[], like: Tensor | null): Tensor {
  const shape = shapeLike(numbers, like);
  switch (like?.dtype) {
    case 'float32':
      return tensor('float32', shape, Float32Array.from(numbers));
    case 'int32':
      return tensor('int32', shape, Int32Array.from(numbers));
    case 'int64':
      return tensor('int64', shape, BigInt64Array.from(numbers, BigInt));
    default:
      return tensor('float64', shape, Float64Array.from(numbers));
  }
}

function isTensor(value: unknown): value is Tensor<DType> {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value;
}

function explain(comparison: Comparison, { dtype, shape }: Tensor): string {
  const { verdict, count, mismatched, reason, tolerance } = comparison;
  const lines = [
    verdict === 'agree'
      ? `all ${count} elements of ${dtype} [${shape}] agree`
      : `${mismatched} of ${count} elements of ${dtype} [${shape}] disagree: ${reason ?? 'out of tolerance'}`,
    ...measures(comparison),
    `tolerance: atol ${tolerance.atol}, rtol ${tolerance.rtol}, scale ${tolerance.scale}, or ${tolerance.ulp} ULP`,
  ];
  return [...lines, ...worstTable(comparison)].join('\n');
}

function measures(comparison: Comparison): readonly string[] {
  const { maxAbs, maxRel, maxUlp } = comparison;
  const distances = [
    ['abs', maxAbs],
    ['rel', maxRel],
    ['ULP', maxUlp],
  ].flatMap(([name, value]) => (typeof value === 'number' ? [`${name} ${errorSize(value)}`] : []));
  const classes = [
    [comparison.nanMismatches, 'NaN'],
    [comparison.infMismatches, 'infinite'],
    [comparison.signedZeroMismatches, 'of the other zero'],
    [comparison.denormalFlushes, 'flushed to zero'],
  ].flatMap(([number, name]) => (number === 0 ? [] : [`${number} ${name}`]));
  return [
    ...(distances.length === 0 ? [] : [`largest difference: ${distances.join(', ')}`]),
    ...(classes.length === 0 ? [] : [`on one side only: ${classes.join(', ')}`]),
  ];
}

function worstTable({ worst }: Comparison): readonly string[] {
  if (worst.length === 0) return [];
  const rows = worst.map((element) => [
    `[${element.index.join(', ')}]`,
    `expected ${withBits(element.expected, element.expectedHex)}`,
    `received ${withBits(element.actual, element.actualHex)}`,
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length));
  return [
    'worst:',
    ...rows.map(
      (row) =>
        `  ${row
          .map((text, column) => text.padEnd(width(column)))
          .join('  ')
          .trimEnd()}`,
    ),
  ];
}

function withBits(text: string, hex: string | null): string {
  return hex === null ? text : `${text} (${hex})`;
}
