export { commonType } from './common-type.js';
export { bodyInputTypes, isBatchedScan } from './control-flow.js';
export * from './infer.js';
export * from './rule.js';
export * from './rules.js';
