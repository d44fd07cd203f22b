export type * from './verify-report.js';
