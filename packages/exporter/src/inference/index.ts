export * from './infer.js';
export * from './rule.js';
export * from './rules.js';
