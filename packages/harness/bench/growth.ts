/** Whether verification is linear in models: the time a model of 5, 10 and 20 of one size, by turns. */
import { verify } from '@rheobase/harness';
import { writeModels } from './models.js';
import { onScene, spread } from './scene.js';

const COUNTS = [5, 10, 20];
const SIZE = 2;
/** Of the time a model among the most against that among the fewest. */
const LIMIT = 1.25;

export async function benchGrowth(ids: readonly string[], rounds: number): Promise<void> {
  await onScene(ids, async ({ backends, folder }) => {
    const models = writeModels(folder, Math.max(...COUNTS), SIZE).map(({ path }) => path);
    const msOf = async (count: number): Promise<number> => {
      const start = performance.now();
      await verify({ models: models.slice(0, count), backends, baseline: ids[0] });
      return performance.now() - start;
    };
    await msOf(COUNTS[0]);
    const times: number[][] = COUNTS.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [i, count] of COUNTS.entries()) times[i].push(await msOf(count));
    }
    for (const [i, count] of COUNTS.entries()) {
      console.log(
        `verify, ${count} models: ${spread(
          times[i].map((ms) => ms / count),
          0,
        )} ms a model`,
      );
    }
    const growth = times[0].map((few, round) => (times.at(-1)?.[round] ?? 0) / COUNTS[2] / (few / COUNTS[0]));
    console.log(`  a model of ${COUNTS[2]} / a model of ${COUNTS[0]}: ${spread(growth)}, limit ${LIMIT}`);
  });
}
