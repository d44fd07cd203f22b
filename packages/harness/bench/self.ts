/**
 * A model timed against itself, 20 times on each backend: at least 19 must say that there is no difference. By `bench`,
 * and by the ratio to the baseline that `verify` gives where a second backend is the first under another name.
 */
import { basename } from 'node:path';
import { bench, speedVerdict, verify } from '@rheobase/harness';
import type { Backend } from '@rheobase/runtime';
import { writeModels } from './models.js';
import { onScene } from './scene.js';

const LIMIT = 19 / 20;
/** Kinds of models: a small one of two products, and one with convolutions. */
const CHOSEN = [0, 1];

export async function benchSelf(ids: readonly string[], trials: number): Promise<void> {
  for (const id of ids) {
    await onScene([id, id], async ({ backends: [backend, second], folder }) => {
      const again: Backend = { ...second, id: `${id} again` };
      const models = writeModels(folder, 5, 2);
      for (const { path } of CHOSEN.map((index) => models[index])) {
        const name = `${id}, ${basename(path)} against itself`;
        await tell(`bench, ${name}`, trials, (seed) => benchedRatio(backend, path, seed));
        await tell(`verify, ${name}`, trials, (seed) => verifiedRatio(backend, again, path, seed));
      }
    });
  }
}

type Ratio = { readonly ciLow: number; readonly ciHigh: number; readonly median: number } | null;

async function tell(what: string, trials: number, ratioOf: (seed: number) => Promise<Ratio>): Promise<void> {
  const ratios: Ratio[] = [];
  for (let seed = 0; seed < trials; seed += 1) ratios.push(await ratioOf(seed));
  const same = ratios.filter((ratio) => ratio !== null && speedVerdict(ratio) === 'no difference').length;
  const including = ratios.filter((ratio) => ratio !== null && ratio.ciLow <= 1 && ratio.ciHigh >= 1).length;
  const widths = ratios.flatMap((ratio) => (ratio === null ? [] : [ratio.ciHigh / ratio.ciLow])).sort((a, b) => a - b);
  const width = widths[Math.floor(widths.length / 2)] ?? Number.NaN;
  console.log(
    `${what}: "no difference" in ${same} of ${trials}, limit ${Math.ceil(LIMIT * trials)}; 1 in the interval of ${including}, which spans ${width.toFixed(2)}x`,
  );
}

/** The same backend a second time, in a process of its own and under another name. */
async function verifiedRatio(backend: Backend, again: Backend, path: string, seed: number): Promise<Ratio> {
  const { timings } = await verify({ models: [path], backends: [backend, again], baseline: backend.id, seed });
  return timings.find((row) => row.backend === again.id)?.ratioToBaseline ?? null;
}

async function benchedRatio(backend: Backend, path: string, seed: number): Promise<Ratio> {
  const { results } = await bench({ a: path, b: { path: 'itself', source: { path } }, backends: [backend], seed });
  return results[0]?.ratio ?? null;
}
