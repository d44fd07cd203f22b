export * from './codec/index.js';
export * from './errors.js';
export * from './model/index.js';
export * from './tensor/index.js';
