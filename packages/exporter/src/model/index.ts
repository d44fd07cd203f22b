export * from './initializer.js';
export * from './ir-version.js';
export * from './map-tensors.js';
export * from './model.js';
export * from './plain.js';
export * from './queries.js';
