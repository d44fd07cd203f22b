/** Time by turns, memory in a process of its own. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resourceUsage } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Runs each of `actions` once a round, so that whatever slows the machine down slows all of them, and gives the
 * shortest time of each in milliseconds: other work on the machine only ever adds to a time (Chen and Revels, "Robust
 * benchmarking in noisy environments", 2016). What an action returns is called after its time is taken, to clean up.
 */
export async function shortest(rounds, actions) {
  const times = Object.fromEntries(Object.keys(actions).map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, action] of Object.entries(actions)) {
      const start = performance.now();
      const cleanUp = await action();
      times[name] = Math.min(times[name], performance.now() - start);
      cleanUp?.();
    }
  }
  return times;
}

/** Bytes that one of the tasks of memory-child.mjs took at its peak, above the idle process. */
export function peakBytes(task, path) {
  const child = fileURLToPath(new URL('./memory-child.mjs', import.meta.url));
  return Number(execFileSync(process.execPath, [child, task, path], { encoding: 'utf8' }));
}

/** The largest resident size of this process so far, in bytes. */
export function peakResident() {
  try {
    // On Linux `maxRSS` of a child begins at what its parent had; this does not.
    const [, kilobytes] = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+) kB/) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Another system.
  }
  return resourceUsage().maxRSS * 1024;
}
