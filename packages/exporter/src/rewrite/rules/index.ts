export * from './activations/index.js';
export * from './cleanup/index.js';
export * from './rule-sets.js';
export * from './threshold/index.js';
