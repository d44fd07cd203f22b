/**
 * A browser needs a folder for its profile, and a process that is killed cannot remove it. So a small process of its
 * own does: it is told of every folder, learns of its parent's end by the end of its input, waits for the browser,
 * which leaves for the same reason (its control pipe closes), and removes what is left. It runs in a process group of
 * its own, out of reach of the terminal's Ctrl-C.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { KeeperMessage } from './scratch-keeper-process.js';

/** Compiled, also where this file runs from its source under a test runner. */
const ENTRY = fileURLToPath(new URL('../../dist/driver/scratch-keeper-process.js', import.meta.url));

const SETTLE_MS = 50;

let keeper: ChildProcess | undefined;
const kept = new Set<string>();

/** Makes a temporary folder that will be gone when this process is, however it ends. */
export function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rheobase-browser-'));
  kept.add(folder);
  keeper ??= startKeeper();
  tellKeeper(['keep', folder]);
  return folder;
}

/** Removes such a folder, again if need be: the last of its browser's processes may still be writing. */
export async function removeScratch(folder: string): Promise<void> {
  do {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    await setTimeout(SETTLE_MS);
  } while (existsSync(folder));
  kept.delete(folder);
  tellKeeper(['drop', folder]);
  if (kept.size > 0) return;
  keeper?.stdin?.end();
  keeper = undefined;
}

function tellKeeper(message: KeeperMessage): void {
  keeper?.stdin?.write(`${JSON.stringify(message)}\n`);
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
