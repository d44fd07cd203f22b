/** Names of operators, inputs and attributes as JavaScript has them: MatMul is matMul, kernel_shape is kernelShape. */

const RESERVED = new Set(['if', 'in', 'default', 'delete', 'new']);

/** `Y_h` → `yH`, `kernel_shape` → `kernelShape`, `transA` as it is. */
export function camelCase(name) {
  const [first, ...rest] = name.split('_').filter((part) => part !== '');
  const head = first === first.toUpperCase() ? first.toLowerCase() : first[0].toLowerCase() + first.slice(1);
  const key = [head, ...rest.map((part) => part[0].toUpperCase() + part.slice(1))].join('');
  return RESERVED.has(key) ? `${key}Value` : key;
}

/** `MatMul` → `matMul`, `LSTM` → `lstm`, `RMSNormalization` → `rmsNormalization`. */
export function functionName(opType) {
  if (opType === 'PRelu') return 'prelu';
  if (opType === opType.toUpperCase()) return opType.toLowerCase();
  const acronym = /^[A-Z]{2,}(?=[A-Z][a-z])/.exec(opType)?.[0];
  const length = acronym === undefined || acronym === 'QL' ? 1 : acronym.length;
  return opType.slice(0, length).toLowerCase() + opType.slice(length);
}
