/**
 * Reads a node as a product of activations and constant weights, or says why it is none. Weights that are stored the
 * other way round (Gemm with transB, Conv) get a copy with a contiguous row for each neuron.
 */
import { floatAttribute, intAttribute, intsAttribute, type Node } from '@rheobase/exporter';
import { isFloat } from '@rheobase/exporter/tensor';
import { readGatedUnit } from './gated-unit.js';
import type { NewConstants } from './new-constants.js';
import type { Product } from './product.js';
import { isZero, type KnownShape, type Scope, shapeOf } from './scope.js';
import { readStoredWeight, type StoredWeight, weightRows } from './stored-weight.js';

type Kind = Product['kind'];

/** The node as a product, or the reason why it is none. */
export function readProduct(node: Node, scope: Scope, constants: NewConstants): Product | string {
  const kind = kindOf(node);
  if (kind === undefined) return `${node.opType} is no MatMul, Gemm or Conv`;
  const [activation = '', weightName = '', bias = ''] = node.inputs;
  const shape = shapeOf(scope, activation);
  const source = readStoredWeight(weightName, scope);
  if (typeof source === 'string') return source;
  const reason = whyNot(node, kind, source, shape);
  if (reason !== undefined) return reason;

  const isTransposed = isStoredByOutput(node, kind) !== source.isTransposed;
  const [first = 0, second = 0] = source.stored.shape;
  const [inner, outer] = isTransposed ? [second, first] : [first, second];
  const gated = kind === 'Conv' ? undefined : readGatedUnit(activation, node, inner, scope, constants);
  const shapes = gated === undefined ? [shape] : [shapeOf(scope, gated.gate), shapeOf(scope, gated.input)];
  return {
    node,
    kind,
    activation,
    dtype: source.dtype,
    isMatrix:
      (kind === 'Gemm' && gated === undefined) || (kind !== 'Conv' && shapes.every((known) => known?.length === 2)),
    isSingleRow: shapes.every((known) => rowCount(known, kind) === 1),
    fires: maskOf(gated?.gate ?? activation, scope),
    inner,
    outer,
    weight: weightRows(source, isTransposed, constants),
    bias: bias === '' ? undefined : bias,
    alpha: floatAttribute(node, 'alpha', 1),
    beta: floatAttribute(node, 'beta', 1),
    gated,
  };
}

/** The condition of a Where that gives 0 where it is false, if it is as large as what it gives. */
function maskOf(value: string, scope: Scope): string | undefined {
  const node = scope.producer(value);
  if (node?.opType !== 'Where' || node.domain !== '') return undefined;
  const [fires = '', , otherwise = ''] = node.inputs;
  const [own, given] = [shapeOf(scope, fires), shapeOf(scope, value)];
  const isAlike = own !== undefined && String(own) === String(given) && !own.includes(null);
  return isAlike && isZero(scope, otherwise) ? fires : undefined;
}

function kindOf({ opType, domain }: Node): Kind | undefined {
  if (domain !== '') return undefined;
  return opType === 'MatMul' || opType === 'Gemm' || opType === 'Conv' ? opType : undefined;
}

function whyNot(node: Node, kind: Kind, { stored, dtype }: StoredWeight, shape: KnownShape): string | undefined {
  if (!isFloat(dtype)) return `its weight is ${dtype}`;
  if (kind === 'Conv') return whyNoPixel(node, stored.shape, shape);
  if (stored.shape.length !== 2) return `its weight has rank ${stored.shape.length}`;
  if (kind === 'Gemm' && intAttribute(node, 'transA', 0) !== 0) return 'its activations are transposed';
  return undefined;
}

function whyNoPixel(node: Node, weightShape: readonly number[], shape: KnownShape): string | undefined {
  const [, , ...kernel] = weightShape;
  if (kernel.length !== 2 || kernel.some((extent) => extent !== 1)) return `its kernel is ${kernel.join('×')}, not 1×1`;
  if (intAttribute(node, 'group', 1) !== 1) return 'its channels are in groups';
  if (intsAttribute(node, 'pads').some((pad) => pad !== 0)) return 'it pads';
  if (shape?.length !== 4) return 'its input is not known to be of rank 4';
  return shape[2] === 1 && shape[3] === 1 ? undefined : 'its input is not known to be one pixel';
}

/** True where the node takes its weights `[outer, inner]`. */
function isStoredByOutput(node: Node, kind: Kind): boolean {
  return kind === 'Conv' || (kind === 'Gemm' && intAttribute(node, 'transB', 0) !== 0);
}

/** Rows of activations, undefined where they are not known before running. */
function rowCount(shape: KnownShape, kind: Kind): number | undefined {
  const leading = kind === 'Conv' ? shape?.slice(0, 1) : shape?.slice(0, -1);
  return leading?.reduce<number | undefined>(
    (rows, extent) => (rows === undefined || typeof extent !== 'number' ? undefined : rows * extent),
    1,
  );
}
