export { checkpointFile } from './checkpoint-file.js';
export { loadMnist } from './mnist.js';
export { type OpenDatasetOptions, type OpenedDataset, openDataset } from './open-dataset.js';
