/**
 * The IR version to write: the lowest that has what the model uses, so that the oldest runtimes that could run it
 * will also open it.
 *
 * Source: ONNX's Versioning document, "Released Versions", and the history in onnx.proto.
 */
import type { DType } from '../tensor/index.js';

/** [first opset of ai.onnx, IR version of the release that brought it] */
const BY_OPSET: readonly (readonly [number, number])[] = [
  [1, 3],
  [9, 4],
  [10, 5],
  [11, 6],
  [12, 7],
  [15, 8],
  [19, 9],
  [21, 10],
  [23, 11],
  [24, 12],
  [25, 13],
];

const BY_DTYPE: Partial<Record<DType, number>> = {
  bfloat16: 4,
  float8e4m3fn: 9,
  float8e4m3fnuz: 9,
  float8e5m2: 9,
  float8e5m2fnuz: 9,
  uint4: 10,
  int4: 10,
  float4e2m1: 11,
  float8e8m0: 12,
  uint2: 13,
  int2: 13,
};

/** Parts of the format and the IR version that brought them. */
const BY_FEATURE = {
  /** Initializers that are not graph inputs as well. */
  constants: 4,
  sparseTensors: 6,
  localFunctions: 8,
  overloads: 10,
  /** metadata_props on graphs, nodes, values or tensors (a model has always had them). */
  innerMetadata: 10,
  deviceConfigurations: 11,
} as const;

export type FormatFeature = keyof typeof BY_FEATURE;

/**
 * The lowest IR version for an opset of ai.onnx.
 * @param features parts of the format in use; `constants` is assumed.
 * @param dtypes element types in use.
 */
export function irVersionFor(
  opset: number,
  features: Iterable<FormatFeature> = [],
  dtypes: Iterable<DType> = [],
): number {
  const byOpset = BY_OPSET.findLast(([first]) => opset >= first)?.[1] ?? 3;
  return Math.max(
    byOpset,
    BY_FEATURE.constants,
    ...Array.from(features, (feature) => BY_FEATURE[feature]),
    ...Array.from(dtypes, (dtype) => BY_DTYPE[dtype] ?? 0),
  );
}
