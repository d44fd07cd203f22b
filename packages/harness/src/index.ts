export * from './comparison/index.js';
export * from './tolerances/index.js';
