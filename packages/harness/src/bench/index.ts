export { type BenchEvent, type BenchOptions, bench, benchExitCode } from './bench.js';
export type * from './bench-report.js';
