export * from './broadcasting.js';
export * from './elementwise.js';
export * from './layout.js';
export * from './matrix.js';
export type { Operand, Scalar } from './operand.js';
