export { type CalledFunction, calledFunctions, withCallAttributes } from './calls.js';
export { constantNodeTensor } from './constant-node.js';
export { elementNumbers, fromNumbers } from './elements.js';
export { inferShapes } from './infer-shapes.js';
export { inferModelTypes, ModelTypes, type TypeProblem } from './model-types.js';
export { floatAttribute, graphAttribute, intAttribute, intsAttribute } from './node-attributes.js';
export { capturesOf, definedNames, mapSubgraphs, readsOf, renameReads, subgraphsOf } from './reads.js';
