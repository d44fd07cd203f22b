export * from './errors.js';
export * from './model/model.js';
export * from './tensor/index.js';
