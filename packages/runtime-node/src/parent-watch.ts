/**
 * A worker thread that ends its process when the process that started it is gone. The main thread hears of that by
 * itself (its channel closes), but not while it is inside a native call, which may never return.
 */
import { rmSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

export interface ParentWatch {
  readonly parent: number;
  readonly scratch: string;
}

const PERIOD_MS = 500;
const { parent, scratch } = workerData as ParentWatch;

/** An orphan is given another parent, except on Windows, where the old number stays and no process answers to it. */
function parentIsGone(): boolean {
  if (process.ppid !== parent) return true;
  try {
    process.kill(parent, 0);
    return false;
  } catch {
    return true;
  }
}

setInterval(() => {
  if (!parentIsGone()) return;
  rmSync(scratch, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}, PERIOD_MS);
