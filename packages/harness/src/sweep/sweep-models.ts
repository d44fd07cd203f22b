/**
 * The models of a sweep: one operator each, at one version, on one element type, in one form. They are made one at a
 * time and dropped when they are done.
 */
import { type ProbeModel, probeModel, probesFor } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { DType, Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { sweepTensor, type ValueClass, valueClassesOf } from './values.js';
import { variantsOf } from './variants.js';

export interface SweepSelection {
  /** Operator types of ai.onnx; default all that have an example. */
  readonly operators?: readonly string[];
  /**
   * Element types of what the operator computes on; default every one that a caller can feed for an operator's usual
   * form, and the commonest for the others.
   */
  readonly dtypes?: readonly DType[];
  /** Opsets whose operator versions are swept; default 21, and 26 for what has changed since. */
  readonly opsets?: readonly number[];
  readonly values?: readonly ValueClass[];
}

export interface SweepModel {
  readonly opType: string;
  readonly opset: number;
  /** The opset that brought this version of the operator. */
  readonly since: number;
  /** Null for operators to which it makes no difference. */
  readonly dtype: DType | null;
  /** The operator with its inputs and attributes, in the language of the exporter's example-text.ts. */
  readonly source: string;
  readonly elementwise: boolean;
  readonly values: readonly ValueClass[];
}

export const DEFAULT_OPSETS: readonly number[] = [21, 26];

/** Element types that forms beside the usual one are swept on, where the caller names none. */
const COMMON_DTYPES: ReadonlySet<DType | null> = new Set([
  null,
  'float32',
  'float64',
  'int32',
  'int64',
  'uint8',
  'bool',
]);

/** Operators whose inputs are extents or counts: any value may ask for any amount of memory. */
const COUNTING: ReadonlySet<string> = new Set(['Range', 'Loop', 'Scan', 'If', 'MelWeightMatrix', 'ConstantOfShape']);

/** @throws RheobaseError `bad-input` for an operator that is not there, or not on those element types. */
export function sweepModels(selection: SweepSelection): readonly SweepModel[] {
  const { operators, dtypes, opsets = DEFAULT_OPSETS, values } = selection;
  const probes = probesFor({
    opsets,
    ...(operators === undefined ? {} : { operators }),
    ...(dtypes === undefined ? {} : { dtypes }),
  });
  const unknown = operators?.find((name) => !probes.some(({ opType }) => opType === name));
  if (unknown !== undefined) {
    throw badInput(`there is no operator ${unknown} to sweep`, {
      remedy: 'name operators of ai.onnx as they are written there, at an opset and on a type that they have',
    });
  }
  return probes.flatMap(({ opType, opset, since, dtype }) =>
    variantsOf(opType, since)
      .filter(({ usual }) => usual || dtypes !== undefined || COMMON_DTYPES.has(dtype))
      .map(({ source, elementwise }): SweepModel => {
        const classes = COUNTING.has(opType) ? ['ordinary' as const] : valueClassesOf(dtype ?? 'float32', elementwise);
        const chosen = values === undefined ? classes : classes.filter((name) => values.includes(name));
        return { opType, opset, since, dtype, source, elementwise, values: chosen };
      })
      .filter((model) => model.values.length > 0),
  );
}

export function modelOf(model: SweepModel): ProbeModel {
  return probeModel(model, model.source);
}

/** The example's own feeds, those of the swept element type filled with values of a class. */
export function feedsOf({ opType, dtype }: SweepModel, { feeds }: ProbeModel, name: ValueClass): Feeds {
  if (COUNTING.has(opType) || dtype === 'string') return feeds;
  const swept = dtype ?? 'float32';
  const filled = Object.entries(feeds).map(([input, given], position): [string, Tensor] => {
    return [input, given.dtype === swept ? sweepTensor(swept, given.shape, name, position) : given];
  });
  return Object.fromEntries(filled);
}
