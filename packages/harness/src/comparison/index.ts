export {
  type Comparison,
  type ComparisonOptions,
  compareTensors,
  divergeAsWhole,
} from './comparison.js';
export type { Difference } from './difference.js';
export type { MismatchKind, WorstElement } from './worst-elements.js';
