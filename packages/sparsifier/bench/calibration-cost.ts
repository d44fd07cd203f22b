/** What calibration costs over plain inference of the same 10,000 samples in the same batches. */
import { encodeModel, recipeModel } from '@rheobase/exporter';
import { medianInterval } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { calibrate, samplesFrom } from '@rheobase/sparsifier';
import { loadMnist } from '@rheobase/trainer/node';
import { line } from './print.js';

const LIMIT = 1.5;
const BATCH = 64;

export async function benchCalibration(quick: boolean): Promise<void> {
  const { images } = await loadMnist('train', 10_000);
  const samples = samplesFrom({ x: images });
  const model = recipeModel('mnist-mlp-wide');
  const values = model.graph.nodes.flatMap(({ opType, outputs: [output = ''] }) =>
    opType === 'Where' || opType === 'ThresholdedRelu' ? [output] : [],
  );
  console.log(`\nCalibration of ${values.length} activations, 10,000 samples, mnist-mlp-wide`);
  for (const [id, isolation] of [
    ['node/cpu', 'none'],
    ['node/cpu', 'process'],
    ['node/wasm', 'none'],
  ] as const) {
    const backend = nodeBackend(id, { isolation });
    const session = await backend.open({ bytes: encodeModel(model) }, { threads: 1 });
    const infer = async () => {
      for (let start = 0; start < samples.count; start += BATCH) {
        await session.run(await samples.feeds(start, Math.min(samples.count, start + BATCH)));
      }
    };
    const watch = () => calibrate(model, { backend, samples, values, batch: BATCH, session: { threads: 1 } });
    const ratios: number[][] = [];
    await infer();
    for (let round = 0; round < (quick ? 3 : 7); round += 1) {
      const plain = await elapsed(infer);
      ratios.push([(await elapsed(watch)) / plain]);
    }
    const { median, ciLow, ciHigh } = medianInterval(ratios);
    const place = `${id}, ${isolation === 'none' ? 'this process' : 'its own process'}`;
    console.log(
      line([
        '',
        place.padEnd(28),
        `${median.toFixed(2)} ×`,
        `${ciLow.toFixed(2)}–${ciHigh.toFixed(2)}`,
        `at most ${LIMIT} ×`,
        median <= LIMIT ? 'met' : 'MISSED',
      ]),
    );
    await session.close();
    await backend.close();
  }
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
