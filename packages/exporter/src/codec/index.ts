export * from './decode.js';
export * from './encode.js';
export * from './encode-tensor.js';
