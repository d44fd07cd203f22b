/** Types in ONNX's textual syntax: `float[batch, 784]`, `int64` (a scalar), `float[]` (of unknown rank), `seq(…)`. */
import protobuf from 'protobufjs/minimal.js';
import { readTypeProto } from '../generated/onnx-proto.js';
import type { Dim, Shape, TensorType, ValueInfo, ValueType } from '../model/model.js';
import type { DType } from '../tensor/index.js';
import { dottedName, name } from './names.js';

/** Undefined for a type that is not known, or that the syntax cannot say. */
export function typeText(type: ValueType): string | undefined {
  switch (type.kind) {
    case 'tensor':
      return tensorType(type);
    case 'sparseTensor':
      return `sparse_tensor(${tensorType(type)})`;
    case 'sequence':
      return enclosed('seq', type.element);
    case 'optional':
      return enclosed('optional', type.element);
    case 'map': {
      const value = typeText(type.value);
      return value && `map(${dtypeText(type.key)}, ${value})`;
    }
    case 'unknown':
      return opaque(type.raw);
  }
}

/** `float[N, 128] x`; just the name where the type is not known. */
export function valueText({ name: valueName, type }: ValueInfo): string {
  const text = typeText(type);
  return text === undefined ? name(valueName) : `${text} ${name(valueName)}`;
}

export function tensorType({ dtype, shape }: Pick<TensorType, 'dtype' | 'shape'>): string {
  return `${dtypeText(dtype)}${shapeText(shape)}`;
}

/** The syntax has the names of the format's first days for two types. */
export function dtypeText(dtype: DType): string {
  if (dtype === 'float32') return 'float';
  return dtype === 'float64' ? 'double' : dtype;
}

function shapeText(shape: Shape): string {
  if (shape === null) return '[]';
  return shape.length === 0 ? '' : `[${shape.map(dimText).join(', ')}]`;
}

function dimText(dim: Dim): string {
  if (dim === null) return '?';
  return typeof dim === 'number' ? String(dim) : name(dim);
}

function enclosed(word: string, element: ValueType): string | undefined {
  const inner = typeText(element);
  return inner && `${word}(${inner})`;
}

function opaque(raw: Uint8Array | undefined): string | undefined {
  const type = raw && readTypeProto(new protobuf.Reader(raw), raw.length, 0).opaqueType;
  if (type === undefined) return undefined;
  const { domain = '', name: typeName = '' } = type;
  return `opaque(${[domain, typeName]
    .filter((part) => part !== '')
    .map(dottedName)
    .join(', ')})`;
}
