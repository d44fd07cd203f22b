export { binaryCrossentropy } from './binary-crossentropy.js';
export { categoricalCrossentropy, sparseCategoricalCrossentropy } from './crossentropy.js';
export type { Loss, LossValues } from './loss.js';
export { meanAbsoluteError, meanSquaredError } from './regression.js';
