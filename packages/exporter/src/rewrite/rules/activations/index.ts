export * from './gelu.js';
export * from './hard-swish.js';
export * from './mish.js';
export * from './silu.js';
