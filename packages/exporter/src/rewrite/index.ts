export * from './apply-rules.js';
export * as condition from './conditions.js';
export * from './insert/index.js';
export type { Match } from './match.js';
export * as pattern from './pattern.js';
export * from './rule.js';
export * as rules from './rules/index.js';
export * from './why-not.js';
