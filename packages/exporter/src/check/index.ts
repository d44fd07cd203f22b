export * from './check-model.js';
export type { Problem } from './check-rule.js';
