/** The process that `scratch-keeper.ts` starts: reads folders, one JSON string a line, and removes them at the end. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** A browser that loses its parent may write into its profile for a moment yet. */
const ROUNDS = 50;
const PAUSE_MS = 200;

const folders = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) folders.add(JSON.parse(line) as string);

/** Gone is what is still gone after a pause. */
let goneFor = 0;
for (let round = 0; round < ROUNDS && goneFor < 3; round += 1) {
  const left = [...folders].filter((folder) => existsSync(folder));
  goneFor = left.length === 0 ? goneFor + 1 : 0;
  if (folders.size === 0) break;
  for (const folder of left) await rm(folder, { recursive: true, force: true }).catch(() => {});
  await setTimeout(PAUSE_MS);
}
