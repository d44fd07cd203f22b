/** What a part of the benchmark works with: backends that have been started, models in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { browserBackend } from '@rheobase/runtime-web/driver';

export interface Scene {
  readonly backends: readonly Backend[];
  readonly folder: string;
}

/** Starting the processes and the browser is over when `work` begins; both end, and the folder goes, when it is done. */
export async function onScene(ids: readonly string[], work: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rheobase-bench-'));
  const backends = ids.map((id) => (id.startsWith('node/') ? nodeBackend(id) : browserBackend(id)));
  try {
    for (const backend of backends) {
      const availability = await backend.probe();
      if (!availability.available) throw new Error(`${backend.id} is not there: ${availability.reason}`);
    }
    await work({ backends, folder });
  } finally {
    await Promise.all(backends.map((backend) => backend.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle of some numbers with the smallest and the largest. */
export function spread(values: readonly number[], digits = 2): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, middle, high] = [0, 0.5, 1].map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN);
  return `${middle.toFixed(digits)} [${low.toFixed(digits)} to ${high.toFixed(digits)}, ${values.length} rounds]`;
}
