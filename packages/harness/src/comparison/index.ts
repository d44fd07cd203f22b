export { type Comparison, type ComparisonOptions, compareTensors, type Difference } from './comparison.js';
export type { MismatchKind, WorstElement } from './worst-elements.js';
