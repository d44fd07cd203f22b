export { type ConformanceCase, type DataSet, findConformanceCases } from './backend-test.js';
export type {
  BackendConformance,
  CaseOutcome,
  CaseResult,
  ConformanceReport,
  MissingBackend,
} from './conformance-report.js';
export { ONNX_TOLERANCE } from './run-case.js';
export {
  type ConformanceEvent,
  type ConformanceOptions,
  type ConformanceResult,
  runConformance,
} from './run-conformance.js';
