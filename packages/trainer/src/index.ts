export * from './data/index.js';
export * from './gradients/index.js';
export * from './threshold/index.js';
