export * from './data/index.js';
export * from './gradients/index.js';
