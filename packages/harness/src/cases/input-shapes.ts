/** The inputs of a model with every open dimension decided, so that values can be made for them. */
import { badInput, type Model, modelInfo, RheobaseError, type Shape } from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import type { Dims } from './case.js';

export interface InputSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * The inputs that must be fed. A symbolic dimension takes its extent from `dims`, else it is 1.
 * @throws RheobaseError `bad-input` for an input of unknown type or rank and for a `dims` key that no input has;
 *   `unsupported` for an input that is no tensor.
 */
export function inputSpecs(model: Model, dims: Dims = {}): readonly InputSpec[] {
  const { inputs } = modelInfo(model);
  checkDims(inputs, dims);
  return inputs.map(({ name, dtype, shape, type }) => {
    const where = `input ${name}`;
    const remedy = 'give its values with --inputs';
    if (type.kind !== 'tensor' && type.kind !== 'unknown') {
      throw new RheobaseError('unsupported', `a ${type.kind} cannot be made up, only tensors can`, { where });
    }
    if (dtype === null) throw badInput('the model does not tell its type', { where, remedy });
    if (shape === null) throw badInput('the model does not tell its rank', { where, remedy });
    return { name, dtype, shape: shape.map((dim, axis) => extentOf(name, axis, dim, dims)) };
  });
}

function extentOf(input: string, axis: number, dim: number | string | null, dims: Dims): number {
  if (typeof dim === 'number') return dim;
  const byName = dim === null ? undefined : dims[dim];
  return dims[placeOf(input, axis)] ?? byName ?? 1;
}

function placeOf(input: string, axis: number): string {
  return `${input}[${axis}]`;
}

/** The open dimensions of the inputs, each once: by its name where it has one, else by its place. */
export function openDims(model: Model): readonly string[] {
  const keys = modelInfo(model).inputs.flatMap(({ name, shape }) =>
    (shape ?? []).flatMap((dim, axis) => (typeof dim === 'number' ? [] : [dim ?? placeOf(name, axis)])),
  );
  return [...new Set(keys)];
}

type ShapedInput = { readonly name: string; readonly shape: Shape };

/** What open dimensions can be called: each by its place, and by its name where it has one. */
export function dimKeys(model: Model): ReadonlySet<string> {
  return new Set(keysOf(modelInfo(model).inputs));
}

function keysOf(inputs: readonly ShapedInput[]): readonly string[] {
  return inputs.flatMap(({ name, shape }) =>
    (shape ?? []).flatMap((dim, axis) => {
      if (typeof dim === 'number') return [];
      return dim === null ? [placeOf(name, axis)] : [dim, placeOf(name, axis)];
    }),
  );
}

function checkDims(inputs: readonly ShapedInput[], dims: Dims): void {
  const open = keysOf(inputs);
  for (const [key, extent] of Object.entries(dims)) {
    const where = `dimension ${key}`;
    if (!Number.isSafeInteger(extent) || extent < 0) throw badInput(`${extent} is no extent`, { where });
    if (!open.includes(key)) {
      const names = [...new Set(open)].join(', ');
      throw badInput('the model has no such open dimension', {
        where,
        remedy: names === '' ? 'all of its input dimensions are fixed' : `its open dimensions are ${names}`,
      });
    }
  }
}
