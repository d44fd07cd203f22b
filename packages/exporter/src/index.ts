export * from './activation/index.js';
export * from './builder/index.js';
export * from './codec/index.js';
export * from './errors.js';
export * from './model/index.js';
export * as op from './op/index.js';
export * from './operators/index.js';
export * from './tensor/index.js';
