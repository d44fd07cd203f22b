/**
 * The backends that tests run on. `RHEOBASE_REQUIRE` (set in CI) names those that must be there: one that is missing
 * fails its tests with the reason; elsewhere it is skipped, and the skipped test's name says why.
 */
import type { Backend } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { browserBackend } from '@rheobase/runtime-web/driver';

/** All but CUDA, which needs a GPU. */
export const FIVE_BACKENDS = ['node/cpu', 'node/wasm', 'node/webgpu', 'chromium/wasm', 'chromium/webgpu'] as const;

const required = new Set((process.env.RHEOBASE_REQUIRE ?? '').split(',').filter((id) => id !== ''));

export function backendById(id: string): Backend {
  return id.startsWith('node/') ? nodeBackend(id) : browserBackend(id);
}

/** Why a backend's tests cannot run, null where they can. A required backend's absence is for the tests to show. */
export async function reasonToSkip(id: string): Promise<string | null> {
  if (required.has(id)) return null;
  const backend = backendById(id);
  try {
    const availability = await backend.probe();
    return availability.available ? null : availability.reason;
  } finally {
    await backend.close();
  }
}
