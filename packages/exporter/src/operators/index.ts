export * from './schema.js';
export * from './type-name.js';
