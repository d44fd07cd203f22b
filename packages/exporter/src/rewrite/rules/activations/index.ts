export * from './gelu.js';
export * from './hard-swish.js';
export * from './silu.js';
