/** Operators that make values from a shape or from attributes: constants, ranges, windows, random numbers. */
import type { Dim } from '../model/model.js';
import type { Tensor } from '../tensor/index.js';
import {
  dtypeAttribute,
  dtypeOf,
  elementsOf,
  intAttribute,
  intsAttribute,
  type Rule,
  shapeOf,
  unknownOfRank,
} from './rule.js';

export const constant: Rule = ({ attributes }) => {
  const [name, attribute] = [...attributes][0] ?? [];
  if (attribute === undefined || name === undefined) return [];
  switch (attribute.kind) {
    case 'tensor': {
      const { dtype, shape, content } = attribute.value;
      return [{ dtype, shape, constant: content.kind === 'inline' ? content.data() : undefined }];
    }
    case 'sparseTensor':
      return [{ dtype: attribute.value.values.dtype, shape: attribute.value.shape }];
    case 'float':
    case 'floats':
      return [literal('float32', [attribute.value].flat(), attribute.kind === 'float')];
    case 'int':
    case 'ints':
      return [literal('int64', [attribute.value].flat(), attribute.kind === 'int')];
    case 'string':
      return [{ dtype: 'string', shape: [] }];
    case 'strings':
      return [{ dtype: 'string', shape: [attribute.value.length] }];
    default:
      return [];
  }
};

function literal(dtype: 'float32' | 'int64', values: readonly (number | bigint)[], isScalar: boolean) {
  const shape = isScalar ? [] : [values.length];
  const data = dtype === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values, Number);
  return { dtype, shape, constant: { dtype, shape, data } as Tensor };
}

export const constantOfShape: Rule = (context) => {
  const value = context.attributes.get('value');
  const dtype = value?.kind === 'tensor' ? value.value.dtype : 'float32';
  const shape = elementsOf(context, 0);
  const rank = shapeOf(context, 0)?.[0];
  return [{ dtype, shape: shape ?? unknownOfRank(typeof rank === 'number' ? rank : undefined) }];
};

export const range: Rule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => scalar(context.inputs[index]?.constant));
  if (start !== undefined && limit !== undefined && delta !== undefined && delta !== 0) {
    return [{ shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
  }
  // From 0 in steps of 1 to an extent: as many as the extent.
  const [end] = elementsOf(context, 1) ?? [null];
  return [{ shape: [start === 0 && delta === 1 ? end : null] }];
};

function scalar(constant: Tensor | undefined): number | undefined {
  const isPlain =
    constant !== undefined && constant.data.length === 1 && /^(float32|float64|u?int\d+)$/.test(constant.dtype);
  return isPlain ? Number(constant.data[0]) : undefined;
}

/** RandomNormal, RandomUniform. */
export const random: Rule = (context) => [
  { dtype: dtypeAttribute(context, 'dtype') ?? 'float32', shape: intsAttribute(context, 'shape') ?? null },
];

/** Shaped like the first input, of the element type of an attribute or else its own: Random*Like, EyeLike, Bernoulli. */
export const likeFirstOrDType: Rule = (context) => [
  { dtype: dtypeAttribute(context, 'dtype') ?? dtypeOf(context, 0), shape: shapeOf(context, 0) },
];

export const multinomial: Rule = (context) => [
  {
    dtype: dtypeAttribute(context, 'dtype') ?? 'int32',
    shape: [shapeOf(context, 0)?.[0] ?? null, intAttribute(context, 'sample_size', 1)],
  },
];

/** HannWindow, HammingWindow, BlackmanWindow. */
export const window: Rule = (context) => [
  { dtype: dtypeAttribute(context, 'output_datatype') ?? 'float32', shape: [elementsOf(context, 0)?.[0] ?? null] },
];

export const melWeightMatrix: Rule = (context) => {
  const length = elementsOf(context, 1)?.[0];
  const bins: Dim = typeof length === 'number' ? Math.floor(length / 2) + 1 : null;
  return [
    {
      dtype: dtypeAttribute(context, 'output_datatype') ?? 'float32',
      shape: [bins, elementsOf(context, 0)?.[0] ?? null],
    },
  ];
};

/** Det: one number a matrix. */
export const det: Rule = (context) => [{ shape: shapeOf(context, 0)?.slice(0, -2) ?? null }];

/** A grid of positions: [batch, …spatial, axes] from a size [batch, channels, …spatial]. */
export const affineGrid: Rule = (context) => {
  const size = elementsOf(context, 1);
  if (size === undefined) return [{ shape: null }];
  return [{ shape: [size[0], ...size.slice(2), size.length - 2] }];
};
