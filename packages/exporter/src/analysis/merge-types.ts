/** Two statements about the type of one value: what they say together, or that they contradict each other. */
import type { Dim, Shape, ValueType } from '../model/model.js';
import { typeName } from '../operators/type-name.js';

export interface Merged {
  readonly type: ValueType;
  readonly contradiction: string | undefined;
}

/** What `declared` (in the file) and `inferred` (from the nodes) say together. */
export function mergeTypes(declared: ValueType | undefined, inferred: ValueType): Merged {
  if (declared === undefined || declared.kind === 'unknown') return { type: inferred, contradiction: undefined };
  if (inferred.kind === 'unknown') return { type: declared, contradiction: undefined };
  if (declared.kind !== 'tensor' || inferred.kind !== 'tensor') {
    const [left, right] = [typeName(declared), typeName(inferred)];
    const differs = left !== undefined && right !== undefined && left !== right;
    return { type: declared, contradiction: differs ? `declared ${left}, computed ${right}` : undefined };
  }
  if (declared.dtype !== inferred.dtype) {
    return { type: declared, contradiction: `declared ${declared.dtype}, computed ${inferred.dtype}` };
  }
  const shape = mergeShapes(declared.shape, inferred.shape);
  if (shape === 'contradiction') {
    const contradiction = `declared ${shapeText(declared.shape)}, computed ${shapeText(inferred.shape)}`;
    return { type: declared, contradiction };
  }
  return { type: { ...declared, shape }, contradiction: undefined };
}

function mergeShapes(a: Shape, b: Shape): Shape | 'contradiction' {
  if (a === null) return b;
  if (b === null) return a;
  if (a.length !== b.length) return 'contradiction';
  const dims: Dim[] = [];
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (typeof left === 'number' && typeof right === 'number' && left !== right) return 'contradiction';
    dims.push(typeof left === 'number' ? left : typeof right === 'number' ? right : (left ?? right));
  }
  return dims;
}

/** `[batch,784]`, `[?,3]`, `of unknown rank`. */
export function shapeText(shape: Shape): string {
  return shape === null ? 'of unknown rank' : `[${shape.map((dim) => dim ?? '?').join(',')}]`;
}
