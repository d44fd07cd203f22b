export { inferShapes } from './infer-shapes.js';
export { inferModelTypes, ModelTypes, type TypeProblem } from './model-types.js';
