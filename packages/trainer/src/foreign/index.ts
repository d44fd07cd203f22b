export { type ModelLayer, modelLayer } from './model-layer.js';
export { exampleShapeOf, trainableModel } from './trainable-model.js';
