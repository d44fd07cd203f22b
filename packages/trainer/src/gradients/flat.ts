/**
 * Operators whose derivative is zero wherever there is one: steps, signs, and shapes. Nothing flows back through them,
 * so a value that depends on a parameter through one of these only does not depend on it at all.
 */
export const FLAT: ReadonlySet<string> = new Set([
  'Ceil',
  'ConstantOfShape',
  'EyeLike',
  'Floor',
  'Hardmax',
  'RandomNormalLike',
  'RandomUniformLike',
  'Round',
  'Sign',
]);
