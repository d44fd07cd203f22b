export * from './calibration/index.js';
export * from './cost/index.js';
export {
  executeSparsely,
  type ProductDecision,
  type SparseExecution,
  type SparseExecutionOptions,
} from './execute-sparsely.js';
export * from './lowerings/index.js';
export * from './neurons/index.js';
export * from './report.js';
export * from './sparsify.js';
export * from './thresholds/index.js';
