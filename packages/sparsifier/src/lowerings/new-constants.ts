/**
 * Constants that a rewrite derives from those of the model. Their elements are made when first asked for, so that
 * looking at a model (which of its nodes could be executed sparsely?) moves no weights.
 */
import { type FreshNames, type Initializer, RheobaseError, tensorOf } from '@rheobase/exporter';
import { type DType, storageOf, type Tensor, type TypedArray } from '@rheobase/exporter/tensor';

export class NewConstants {
  readonly made: Initializer[] = [];
  private readonly transposes = new Map<string, Initializer>();

  constructor(private readonly names: FreshNames) {}

  /** The matrix `[rows, columns]` in `stored` the other way round: `[columns, rows]`. Asked for twice, made once. */
  transposed(stored: Initializer, rows: number, columns: number): Initializer {
    const existing = this.transposes.get(stored.name);
    if (existing !== undefined) return existing;
    const shape = [columns, rows];
    const made = this.derived(`${stored.name}/rows`, stored.dtype, shape, () => transpose(stored, rows, columns));
    this.transposes.set(stored.name, made);
    return made;
  }

  /** A constant whose elements `make` gives. */
  derived(wish: string, dtype: DType, shape: readonly number[], make: () => Tensor): Initializer {
    let elements: Tensor | undefined;
    const data = () => {
      elements ??= make();
      return elements;
    };
    const name = this.names.fresh(wish);
    const made: Initializer = { name, dtype, shape, docString: '', content: { kind: 'inline', data }, metadata: {} };
    this.made.push(made);
    return made;
  }
}

/** Tiles of this many rows and columns stay in a first-level cache in both orders. */
const TILE = 32;

function transpose(stored: Initializer, rows: number, columns: number): Tensor {
  const { dtype } = stored;
  if (dtype === 'string')
    throw new RheobaseError('bad-input', 'a weight of strings', { where: `tensor '${stored.name}'` });
  const source = tensorOf(stored).data as Exclude<TypedArray, BigInt64Array | BigUint64Array>;
  const target = new (storageOf(dtype) as Float32ArrayConstructor)(rows * columns);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
      for (let row = top; row < bottom; row += 1) {
        for (let column = left; column < right; column += 1) {
          target[column * rows + row] = source[row * columns + column] ?? 0;
        }
      }
    }
  }
  return { dtype, shape: [columns, rows], data: target } as Tensor;
}
