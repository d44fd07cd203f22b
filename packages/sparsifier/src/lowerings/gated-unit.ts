/**
 * Gated units (SwiGLU, GeGLU and their kin) spelled as nodes: h = gate · up with up = x · U (+ c), read by the product
 * alone. Where the gate is silent, h is 0 whatever `up` is, so that its column of U need not be read either.
 *
 * Exact for finite `up`: where a silent gate meets an infinite or NaN `up`, the dense graph computes 0 · ∞ = NaN, the
 * sparse one leaves the neuron out.
 */
import { floatAttribute, type Initializer, intAttribute, type Node } from '@rheobase/exporter';
import type { NewConstants } from './new-constants.js';
import type { GatedUnit } from './product.js';
import { isReadOnlyBy, type Scope } from './scope.js';

/** The unit that produces `activation` for `product`, undefined where it is no gated unit. */
export function readGatedUnit(
  activation: string,
  product: Node,
  inner: number,
  scope: Scope,
  constants: NewConstants,
): GatedUnit | undefined {
  const node = scope.producer(activation);
  if (node?.opType !== 'Mul' || node.domain !== '' || !isReadOnlyBy(scope, activation, product)) return undefined;
  const [left = '', right = ''] = node.inputs;
  for (const [up, gate] of [
    [right, left],
    [left, right],
  ] as const) {
    const projection = readProjection(up, node, inner, scope);
    // Where both sides are bare projections (a bilinear unit), nothing is silent.
    if (projection === undefined || readProjection(gate, node, inner, scope) !== undefined) continue;
    if (scope.constant(gate) !== undefined) continue;
    const { input, weight, isTransposed, bias } = projection;
    const [rows = 0, columns = 0] = weight.shape;
    return {
      gate,
      input,
      width: isTransposed ? columns : rows,
      upWeight: (isTransposed ? weight : constants.transposed(weight, rows, columns)).name,
      upBias: bias,
    };
  }
  return undefined;
}

interface Projection {
  readonly input: string;
  readonly weight: Initializer;
  /** Stored as `[inner, width]`. */
  readonly isTransposed: boolean;
  readonly bias: string | undefined;
}

/** x · U (+ c) with `inner` columns, read by `reader` alone. */
function readProjection(value: string, reader: Node, inner: number, scope: Scope): Projection | undefined {
  const node = scope.producer(value);
  if (node === undefined || node.domain !== '' || !isReadOnlyBy(scope, value, reader)) return undefined;
  if (node.opType === 'Add') return readBiased(node, inner, scope);
  const [input = '', weightName = '', bias = ''] = node.inputs;
  const weight = scope.constant(weightName);
  if (weight?.shape.length !== 2) return undefined;
  if (node.opType === 'MatMul') {
    return weight.shape[1] === inner ? { input, weight, isTransposed: false, bias: undefined } : undefined;
  }
  if (node.opType !== 'Gemm' || !isPlain(node) || !isVector(scope, bias, inner)) return undefined;
  const isTransposed = intAttribute(node, 'transB', 0) !== 0;
  if (weight.shape[isTransposed ? 0 : 1] !== inner) return undefined;
  return { input, weight, isTransposed, bias: bias === '' ? undefined : bias };
}

function readBiased(node: Node, inner: number, scope: Scope): Projection | undefined {
  const [left = '', right = ''] = node.inputs;
  const [bias, sum] = scope.constant(left) === undefined ? [right, left] : [left, right];
  if (scope.constant(bias) === undefined || !isVector(scope, bias, inner)) return undefined;
  const projection = readProjection(sum, node, inner, scope);
  return projection?.bias === undefined && projection !== undefined ? { ...projection, bias } : undefined;
}

function isPlain(node: Node): boolean {
  return (
    intAttribute(node, 'transA', 0) === 0 &&
    floatAttribute(node, 'alpha', 1) === 1 &&
    floatAttribute(node, 'beta', 1) === 1
  );
}

/** True where a bias is left out, or is one number for each channel. */
function isVector(scope: Scope, bias: string, inner: number): boolean {
  if (bias === '') return true;
  const shape = scope.constant(bias)?.shape;
  return shape?.length === 1 && shape[0] === inner;
}
