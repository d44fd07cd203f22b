export type { WebProvider } from './engine/ort-build.js';
export type { WasmPaths } from './engine/ort-runtime.js';
export { type WebBackendOptions, webBackend } from './web-backend.js';
