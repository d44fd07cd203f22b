/**
 * Matrix products. For Y = A·B: dA = dY·Bᵀ and dB = Aᵀ·dY. Plain matrices use Gemm, whose transposes cost nothing.
 */
import { op, type Value } from '@rheobase/exporter';
import { mul } from '../../graph/arithmetic.js';
import { sumTo } from '../../graph/broadcast.js';
import { reshape, squeeze, unsqueeze } from '../../graph/operators.js';
import { withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, type InputGradients, rule } from '../rule.js';

const matMul = rule((node, g) => {
  const [a, b] = node.inputs;
  const [rankA, rankB] = [a.shape?.length, b.shape?.length];
  if (rankA === undefined || rankB === undefined) return node.fail('its operands have no known rank');
  if (rankA === 2 && rankB === 2) return plain(node, a, b, g);
  if (rankA > 2 && rankB === 2) return rowsTimesMatrix(node, a, b, g);
  return batched(node, a, b, g);
});

function plain(node: Differentiated, a: Value, b: Value, g: Value): InputGradients {
  return [
    node.wants(0) ? withShape(op.gemm(g, b, undefined, { transB: true }), a.shape) : undefined,
    node.wants(1) ? withShape(op.gemm(a, g, undefined, { transA: true }), b.shape) : undefined,
  ];
}

/** A stack of rows times one matrix: for dB the whole stack is one tall matrix. */
function rowsTimesMatrix(node: Differentiated, a: Value, b: Value, g: Value): InputGradients {
  const [inner, columns] = b.shape ?? [];
  const tall = (x: Value, width: typeof inner) =>
    typeof width === 'number' ? reshape(x, [-1, width], [null, width]) : op.flatten(x, { axis: -1 });
  return [
    node.wants(0) ? withShape(op.matMul(g, op.transpose(b)), a.shape) : undefined,
    node.wants(1)
      ? withShape(op.gemm(tall(a, inner), tall(g, columns), undefined, { transA: true }), b.shape)
      : undefined,
  ];
}

/** Vectors become rows and columns; what broadcast over leading axes is summed. */
function batched(node: Differentiated, a: Value, b: Value, g: Value): InputGradients {
  const aIsVector = a.shape?.length === 1;
  const bIsVector = b.shape?.length === 1;
  const rows = aIsVector ? unsqueeze(a, [0], [1, ...(a.shape ?? [])]) : a;
  const columns = bIsVector ? unsqueeze(b, [1], [...(b.shape ?? []), 1]) : b;
  const full = restored(g, node.output, aIsVector, bIsVector);
  const summed = (product: Value, operand: Value) => sumTo(product, operand, product);
  const da = () => summed(op.matMul(full, swapped(columns)), rows);
  const db = () => summed(op.matMul(swapped(rows), full), columns);
  return [
    node.wants(0) ? backTo(da(), a, aIsVector, 0) : undefined,
    node.wants(1) ? backTo(db(), b, bIsVector, -1) : undefined,
  ];
}

function backTo(gradient: Value, operand: Value, isVector: boolean, axis: number): Value {
  return isVector ? squeeze(gradient, [axis], operand.shape) : gradient;
}

/** The output's gradient with the axes that vector operands took away. */
function restored(g: Value, output: Value, aIsVector: boolean, bIsVector: boolean): Value {
  const shape = output.shape;
  const batch = shape === null ? null : shape.slice(0, shape.length - (aIsVector ? 0 : 1) - (bIsVector ? 0 : 1));
  if (aIsVector && bIsVector) return reshape(g, [1, 1], [1, 1]);
  if (aIsVector) return unsqueeze(g, [-2], batch && shape && [...batch, 1, shape[shape.length - 1]]);
  return bIsVector ? unsqueeze(g, [-1], shape && [...shape, 1]) : g;
}

function swapped(x: Value): Value {
  const axes = Array.from({ length: x.shape?.length ?? 2 }, (_, axis) => axis);
  return op.transpose(x, { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] });
}

/** Y = α·A′·B′ + β·C, each of A′ and B′ transposed or not: every case is one Gemm. */
const gemm = rule((node, g) => {
  const [a, b] = node.inputs;
  const c = node.optional(2);
  const alpha = node.float('alpha', 1);
  const transA = node.int('transA', 0) !== 0;
  const transB = node.int('transB', 0) !== 0;
  const da = () =>
    transA
      ? op.gemm(b, g, undefined, { alpha, transA: transB, transB: true })
      : op.gemm(g, b, undefined, { alpha, transB: !transB });
  const db = () =>
    transB
      ? op.gemm(g, a, undefined, { alpha, transA: true, transB: transA })
      : op.gemm(a, g, undefined, { alpha, transA: !transA });
  return [
    node.wants(0) ? withShape(da(), a.shape) : undefined,
    node.wants(1) ? withShape(db(), b.shape) : undefined,
    c !== undefined && node.wants(2) ? sumTo(mul(g, node.float('beta', 1)), c, node.output) : undefined,
  ];
});

export const MATRIX: Readonly<Record<string, GradientRule>> = { MatMul: matMul, Gemm: gemm };
