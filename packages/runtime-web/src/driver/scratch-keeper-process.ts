/** The process that `scratch-keeper.ts` starts: reads which folders are in use, and removes those left at the end. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

export type KeeperMessage = readonly [verb: 'keep' | 'drop', folder: string];

const PAUSE_MS = 200;
const ROUNDS = 150;
/** A browser that has lost its parent goes on writing for as long as it takes to notice. */
const ROUNDS_GONE = 25;

const folders = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, folder] = JSON.parse(line) as KeeperMessage;
  if (verb === 'keep') folders.add(folder);
  else folders.delete(folder);
}

let gone = 0;
for (let round = 0; round < ROUNDS && gone < ROUNDS_GONE && folders.size > 0; round += 1) {
  const left = [...folders].filter((folder) => existsSync(folder));
  gone = left.length === 0 ? gone + 1 : 0;
  for (const folder of left) await rm(folder, { recursive: true, force: true }).catch(() => {});
  await setTimeout(PAUSE_MS);
}
