export { type Arithmetic, arithmeticOf, defaultTolerance, widerArithmetic } from './default-tolerances.js';
export { derivedTolerance } from './derived-tolerance.js';
export { type ErrorBound, NO_ERROR } from './error-bound.js';
export { type GraphBounds, graphBounds, type Shapes } from './graph-bounds.js';
export { EXACT, type Tolerance } from './tolerance.js';
export {
  asksForDistance,
  type ToleranceChange,
  type ToleranceOverrides,
  type TolerancePolicy,
  type ToleranceQuestion,
  tolerancePolicy,
} from './tolerance-overrides.js';
