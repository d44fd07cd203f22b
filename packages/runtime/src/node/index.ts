export { hasGpu } from './gpu.js';
