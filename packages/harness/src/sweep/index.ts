export { DIFFERENCE_KINDS, type DifferenceKind } from './differences.js';
export type { Latitude } from './latitude.js';
export { type SweepOptions, type SweepProgress, sweep } from './sweep.js';
export { DEFAULT_OPSETS, type SweepSelection } from './sweep-models.js';
export type { Finding, FindingExample, SweepReport, SweptBackend } from './sweep-report.js';
export { VALUE_CLASSES, type ValueClass } from './values.js';
