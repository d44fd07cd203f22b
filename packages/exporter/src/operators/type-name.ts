/** Types as operator schemas write them: `float32`, `seq(int64)`, `optional(seq(string))`, `sparse(float64)`. */
import type { ValueType } from '../model/model.js';
import { type DType, isDType } from '../tensor/index.js';

/** The name of a type without its shape, undefined where the type is not known. */
export function typeName(type: ValueType): string | undefined {
  switch (type.kind) {
    case 'tensor':
      return type.dtype;
    case 'sparseTensor':
      return `sparse(${type.dtype})`;
    case 'sequence':
      return wrap('seq', typeName(type.element));
    case 'optional':
      return wrap('optional', typeName(type.element));
    case 'map':
      return wrap(`map(${type.key},`, typeName(type.value), '');
    case 'unknown':
      return undefined;
  }
}

function wrap(kind: string, inner: string | undefined, open = '('): string | undefined {
  return inner === undefined ? undefined : `${kind}${open}${inner})`;
}

/** The type of a name, of unknown shape; undefined where the name is none (a type variable). */
export function typeFromName(name: string): ValueType | undefined {
  if (isDType(name)) return { kind: 'tensor', dtype: name, shape: null };
  const inner = /^(seq|optional|sparse)\((.*)\)$/.exec(name);
  if (inner === null) return undefined;
  const element = typeFromName(inner[2]);
  if (element === undefined) return undefined;
  if (inner[1] === 'sparse') {
    return element.kind === 'tensor' ? { ...element, kind: 'sparseTensor' } : undefined;
  }
  return { kind: inner[1] === 'seq' ? 'sequence' : 'optional', element };
}

/** The element type that a name stands for, undefined for anything but a dense tensor. */
export function dtypeFromName(name: string | undefined): DType | undefined {
  return name !== undefined && isDType(name) ? name : undefined;
}
