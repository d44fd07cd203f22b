/**
 * A browser needs a folder for its profile, and a process that is killed cannot remove it. So a small process of its
 * own does: it is told of every folder, learns of its parent's end by the end of its input, waits for the browser,
 * which leaves for the same reason (its control pipe closes), and removes what is left. It runs in a process group of
 * its own, out of reach of the terminal's Ctrl-C.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled, also where this file runs from its source under a test runner. */
const ENTRY = fileURLToPath(new URL('../../dist/driver/scratch-keeper-process.js', import.meta.url));

let keeper: ChildProcess | undefined;
const kept = new Set<string>();

/** Makes a temporary folder that will be gone when this process is, however it ends. */
export function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rheobase-browser-'));
  kept.add(folder);
  keeper ??= startKeeper();
  keeper.stdin?.write(`${JSON.stringify(folder)}\n`);
  return folder;
}

/** Removes such a folder. Its browser has ended, but the last of its processes may still be writing. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  kept.delete(folder);
  if (kept.size > 0) return;
  keeper?.stdin?.end();
  keeper = undefined;
}

function startKeeper(): ChildProcess {
  const child = spawn(process.execPath, [ENTRY], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // Without it, folders outlive a kill, and that is all.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return child;
}
