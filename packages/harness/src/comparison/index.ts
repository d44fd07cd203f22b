export {
  type Comparison,
  type ComparisonOptions,
  compareTensors,
  divergeAsWhole,
} from './comparison.js';
export type { Difference } from './difference.js';
export type { ErrorHistogram, HistogramBin } from './error-histogram.js';
export type { MismatchKind, WorstElement } from './worst-elements.js';
