export * from '../generated/ops.js';
export { type CastOptions, cast } from './cast.js';
export { constant, constantOfShape } from './constants.js';
export type { Flags, Numbers, Operand, Texts } from './operand.js';
export { optional, optionalHasElement, sequenceEmpty } from './sequences.js';
export { type SplitOptions, split } from './split.js';
