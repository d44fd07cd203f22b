/** Checkpoints in a file, replaced as a whole: a full disk or a crash leaves the former one. Node only. */
import type { CheckpointStore } from './checkpoint.js';

export function checkpointFile(path: string): CheckpointStore {
  return {
    name: path,
    async load() {
      const { readFile } = await import('node:fs/promises');
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(bytes) {
      const { writeFileAtomic } = await import('@rheobase/exporter/node');
      await writeFileAtomic(path, bytes);
    },
  };
}
