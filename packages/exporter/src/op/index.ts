export * from '../generated/ops.js';
export { type CastOptions, cast } from './cast.js';
export { constant, constantOfShape } from './constants.js';
export {
  ifElse,
  ifElse as if,
  type LoopOptions,
  type LoopResult,
  loop,
  type Round,
  type ScanOptions,
  scan,
  sequenceMap,
} from './control-flow.js';
export type { Flags, Numbers, Operand, Texts } from './operand.js';
export { optional, optionalHasElement, sequenceEmpty } from './sequences.js';
export { type SplitOptions, split } from './split.js';
