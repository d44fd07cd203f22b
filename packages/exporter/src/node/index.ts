export { externalLocations } from '../model/queries.js';
export { confinedPath } from './external-file.js';
export type { ExternalDataOptions } from './external-layout.js';
export { importModule, madeByModule } from './module-file.js';
export { writeFileAtomic } from './pending-file.js';
export { readModelFile } from './read-model-file.js';
export { type WriteModelOptions, type WrittenFile, writeModelFile } from './write-model-file.js';
