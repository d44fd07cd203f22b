export { THRESHOLD_SITES } from './activation-sites.js';
export * from './insert-thresholds.js';
export * from './upgrade-opset.js';
