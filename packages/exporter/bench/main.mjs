/**
 * What this package promises of speed and memory, measured: `npm run bench -w packages/exporter`.
 *
 * Every figure is a ratio of two things done in turn in the same run, or a difference between two processes, so it
 * means the same on any machine. The limit stands beside it; the exit code is 1 where one is missed.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFigures } from './build.mjs';
import { openFigures } from './open.mjs';
import { parseFigures } from './parse.mjs';
import { writeFigures } from './write.mjs';

const GIB = 2 ** 30;
const NEEDED = 3 * GIB;

const { bavail, bsize } = statfsSync(tmpdir());
if (bavail * bsize < NEEDED) {
  console.error(`${tmpdir()}: ${NEEDED / GIB} GiB are needed there; free some or point TMPDIR elsewhere`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'rheobase-bench-'));
const missed = [];
try {
  for (const figures of [parseFigures, buildFigures, openFigures, writeFigures]) {
    for (const figure of await figures(folder)) report(figure);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (missed.length > 0) {
  console.error(`over the limit: ${missed.join('; ')}`);
  process.exitCode = 1;
}

/** A figure is `{ name, value, limit, unit }`, the unit `×` or `MiB`; at most the limit is good. */
function report({ name, value, limit, unit }) {
  const shown = (number) => (unit === '×' ? `${number.toFixed(2)} ×` : `${number.toFixed(0)} ${unit}`).padStart(8);
  const good = value <= limit;
  if (!good) missed.push(name);
  console.log(`${good ? 'ok  ' : 'OVER'}  ${shown(value)}  (limit ${shown(limit).trim()})  ${name}`);
}
