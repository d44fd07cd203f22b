/** Graph inputs: what a caller feeds on every run. */
import { badInput } from '../errors.js';
import type { Shape, ValueType } from '../model/model.js';
import { typeFromName } from '../operators/type-name.js';
import { CallSite } from './call-site.js';
import { type TypeName, Value } from './value.js';

/**
 * A graph input. A dimension is a number, the name of one that is chosen at run time (`'batch'`), or null for any; the
 * shape null (the default) stands for any rank. `seq(float32)` is a sequence of tensors of that shape, and so on.
 */
export function input<D extends TypeName>(name: string, type: D, shape: Shape = null): Value<D> {
  if (name === '') throw badInput('an input needs a name');
  const bad = shape?.find((dim) => typeof dim === 'number' && (!Number.isSafeInteger(dim) || dim < 0));
  if (bad !== undefined) throw badInput(`input '${name}' has the extent ${bad}`);
  const known = typeFromName(type);
  if (known === undefined) throw badInput(`input '${name}' has the type '${type}'`);
  return new Value<D>(withShape(known, shape), { kind: 'input', name, site: new CallSite() }, name);
}

function withShape(type: ValueType, shape: Shape): ValueType {
  if (type.kind === 'tensor') return { ...type, shape };
  return type.kind === 'sequence' || type.kind === 'optional'
    ? { ...type, element: withShape(type.element, shape) }
    : type;
}
