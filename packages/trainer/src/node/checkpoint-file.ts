/** Checkpoints in a file, replaced as a whole: a full disk or a crash leaves the former one. */
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@rheobase/exporter/node';
import type { CheckpointStore } from '../fit/index.js';

export function checkpointFile(path: string): CheckpointStore {
  return {
    name: path,
    async load() {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save: (bytes) => writeFileAtomic(path, bytes),
  };
}
