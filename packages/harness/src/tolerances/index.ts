export { type Arithmetic, arithmeticOf, defaultTolerance } from './default-tolerances.js';
export { EXACT, type Tolerance } from './tolerance.js';
export {
  type ToleranceChange,
  type ToleranceOverrides,
  type TolerancePolicy,
  type ToleranceQuestion,
  tolerancePolicy,
} from './tolerance-overrides.js';
