export { type MeanInterval, meanInterval } from './mean-interval.js';
export { median, quantile, sortedQuantile } from './quantile.js';
export { studentQuantile } from './student.js';
