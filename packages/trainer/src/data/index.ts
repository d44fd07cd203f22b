export { type Dataset, type ExampleType, hashOf, tensorDataset } from './dataset.js';
export * from './idx.js';
export * from './mnist.js';
export { type NormalizationOptions, normalization } from './normalization.js';
