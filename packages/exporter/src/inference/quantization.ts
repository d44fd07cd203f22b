/** Quantised operators: shapes as of their float kin, element types from zero points and attributes. */
import { matMulShape } from './matmul.js';
import { dtypeAttribute, dtypeOf, type Rule, shapeOf } from './rule.js';

export const quantizeLinear: Rule = (context) => [
  {
    shape: shapeOf(context, 0),
    dtype: dtypeOf(context, 2) ?? dtypeAttribute(context, 'output_dtype') ?? 'uint8',
  },
];

/** The element type is that of the scale, until opset 19 always float32. */
export const dequantizeLinear: Rule = (context) => [
  { shape: shapeOf(context, 0), dtype: dtypeAttribute(context, 'output_dtype') ?? dtypeOf(context, 1) },
];

/** y, its scale and its zero point. */
export const dynamicQuantizeLinear: Rule = (context) => [{ shape: shapeOf(context, 0) }, { shape: [] }, { shape: [] }];

export const qLinearMatMul: Rule = (context) => [{ shape: matMulShape(context, 0, 3) }];
