export * from './bench/index.js';
export * from './cases/index.js';
export * from './comparison/index.js';
export * from './conformance/index.js';
export * from './report/index.js';
export * from './timing/index.js';
export * from './tolerances/index.js';
export * from './verify/index.js';
