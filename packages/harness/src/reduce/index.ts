export type { Bundle, BundleSide } from './bundle.js';
export { readBundle, writeBundle } from './bundle-files.js';
export { type Extraction, extractNodes } from './extract-nodes.js';
