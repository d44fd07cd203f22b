/** An epoch over twice the data takes twice the time: whole epochs of `fit`, shuffling and batches included. */
import { recipeLayers, sequential, type Tensor } from '@rheobase/exporter';
import { medianInterval } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { adam, fit, sparseCategoricalCrossentropy, tensorDataset } from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import { inTurns } from './turns.js';

const COUNTS = [7_500, 15_000, 30_000, 60_000];
/** Most that the time per image may differ between the least and the greatest count; each epoch opens a session, which the small ones feel. */
const LIMIT = 1.25;

export async function benchEpoch(rounds: number): Promise<void> {
  const { images, labels } = await loadMnist('train');
  const backend = nodeBackend('node/cpu', { isolation: 'none' });
  const first = <T extends Tensor>({ dtype, shape, data }: T, count: number) => ({
    dtype,
    shape: [count, ...shape.slice(1)],
    data: data.slice(0, count * (shape[1] ?? 1)),
  });
  const epochOf = (count: number) => {
    const data = tensorDataset(first(images, count) as Tensor, first(labels, count) as Tensor);
    const options = {
      backend,
      loss: sparseCategoricalCrossentropy(),
      optimizer: adam(),
      epochs: 1,
      session: { threads: 1 },
    };
    return () => fit(sequential(recipeLayers('mnist-mlp')), data, options);
  };
  console.log('\nAn epoch of the seed recipe on node/cpu, by the number of images');
  const runs = new Map(COUNTS.map((count) => [String(count), epochOf(count)]));
  const timed = await inTurns(runs, Math.ceil(rounds / 4));
  const each = Array.from(timed, ([count, own]) => medianInterval(own).median / Number(count));
  for (const [at, count] of COUNTS.entries()) {
    console.log(`  ${count}: ${((each[at] * count) / 1000).toFixed(2)} s, ${(each[at] * 1000).toFixed(1)} µs an image`);
  }
  const growth = Math.max(each[each.length - 1] / each[0], each[0] / each[each.length - 1]);
  const isMet = growth <= LIMIT ? 'met' : 'MISSED';
  console.log(`  the time per image differs by ${growth.toFixed(2)} ×, at most ${LIMIT} ×: ${isMet}`);
}
