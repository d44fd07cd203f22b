export { collectExamples, type Example, type ExampleStream, type ExampleValue } from './collect.js';
export { type Dataset, type ExampleType, hashOf, tensorDataset } from './dataset.js';
export {
  classNames,
  datasetTensors,
  type Examples,
  type ExamplesOptions,
  examplesDataset,
  type Scaling,
} from './examples.js';
export { withInputShape, withTargets } from './fitting.js';
export * from './idx.js';
export { type LabelledImages, labelledImages } from './labelled-images.js';
export { type NormalizationOptions, normalization } from './normalization.js';
export { type Split, splitDataset, subset } from './split.js';
