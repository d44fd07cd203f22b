/** Whether this machine has a GPU, as far as the platform tells without a library. */
import { existsSync, readdirSync } from 'node:fs';

/**
 * Linux: a render node, NVIDIA's driver, or the GPU that Windows lends to WSL. macOS and Windows always have something
 * that answers as one.
 */
export function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  return renderNodes().length > 0 || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

/** None where there is no such folder, or a container may not look into it. */
function renderNodes(): readonly string[] {
  try {
    return readdirSync('/dev/dri').filter((name) => name.startsWith('renderD'));
  } catch {
    return [];
  }
}
