export { constantNodeTensor } from './constant-node.js';
export { inferShapes } from './infer-shapes.js';
export { inferModelTypes, ModelTypes, type TypeProblem } from './model-types.js';
export { capturesOf, definedNames, mapSubgraphs, readsOf, renameReads, subgraphsOf } from './reads.js';
