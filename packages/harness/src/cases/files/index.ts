export type { Pixels } from './decode-image.js';
export { imageTensor } from './image-input.js';
export { fileCases } from './input-files.js';
export { tensorFromValues } from './tensor-from-values.js';
