export * from './data/index.js';
export * from './fit/index.js';
export * from './gradients/index.js';
export * from './losses/index.js';
export * from './optimizers/index.js';
export * from './recipe/index.js';
export * from './step/index.js';
export * from './threshold/index.js';
