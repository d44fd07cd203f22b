export * from './calibration/index.js';
export * from './cost/index.js';
export {
  executeSparsely,
  type SparseExecution,
  type SparseExecutionOptions,
} from './execute-sparsely.js';
export { fixInputs } from './fix-inputs.js';
export { executionText, loweringText, uselessText } from './lowering-text.js';
export * from './lowerings/index.js';
export * from './neurons/index.js';
export type { ProductDecision } from './product-decision.js';
export { renderSparsifyHtml, thetaText } from './render-html.js';
export * from './report.js';
export * from './sparsify.js';
export * from './thresholds/index.js';
export type { WantedLowering } from './wanted-lowering.js';
