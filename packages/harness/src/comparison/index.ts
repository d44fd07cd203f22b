export {
  type Comparison,
  type ComparisonOptions,
  compareTensors,
  type Difference,
  divergeAsWhole,
} from './comparison.js';
export type { MismatchKind, WorstElement } from './worst-elements.js';
