export { type BuildOptions, buildModel, DEFAULT_OPSET, HIGHEST_OPSET, LOWEST_OPSET } from './build-model.js';
export { constant, type Literal, literalTensor } from './constant.js';
export { defineFunction, type FunctionOptions } from './define-function.js';
export { input } from './input.js';
export { makeNode, makeValue, type Operand } from './make-node.js';
export { type AnyValue, type OptionalOf, type SequenceOf, type TypeName, Value } from './value.js';
