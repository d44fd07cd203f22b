export * from './constant-folding.js';
export * from './dead-code.js';
export * from './identity.js';
