/**
 * A whole model at batch 1 on real test images: `mnist-mlp-wide` (784-2048-2048-10), trained with thresholds that learn to
 * keep most neurons silent, executed sparsely, against its twin, an ordinary ReLU network trained on the same images.
 */
import { dense, encodeModel, type Model, recipeLayers, sequential } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { executeSparsely, samplesFrom } from '@rheobase/sparsifier';
import { adam, type FitEvent, fit, sparseCategoricalCrossentropy, tensorDataset } from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import { line, verdict } from './print.js';
import { measureInTurns } from './turns.js';

const TARGETS = [
  { id: 'node/cpu', threads: 1, limit: 2.5 },
  { id: 'node/cpu', threads: 2, limit: undefined },
  { id: 'node/wasm', threads: 1, limit: 4 },
] as const;

/** Share of accuracy that may be lost. */
const MAX_DROP = 0.003;

export async function benchWide(quick: boolean): Promise<void> {
  const cpu = nodeBackend('node/cpu', { isolation: 'none' });
  const train = await loadMnist('train', quick ? 10_000 : 60_000);
  const test = await loadMnist('test');
  const images = tensorDataset(train.images, train.labels);
  const shared = {
    backend: cpu,
    loss: sparseCategoricalCrossentropy(),
    optimizer: adam(),
    epochs: 3,
    batchSize: 128,
    seed: 1,
    session: { threads: 1 },
    onEvent,
  } as const;
  console.log(`\n784-2048-2048-10 on MNIST, trained on ${images.count} images; batch 1 on test images`);
  const twin = (await fit(sequential(TWIN), images, shared)).toModel(NAMES);
  const sparsity = { l1: 1e-3 };
  const thresholds = recipeLayers('mnist-mlp-wide', { threshold: { theta: 'trainable' } });
  const thresholded = (await fit(sequential(thresholds), images, { ...shared, sparsity })).toModel(NAMES);
  const samples = samplesFrom({ x: (await loadMnist('train', 2_000)).images });
  for (const { id, threads, limit } of TARGETS) {
    const backend = nodeBackend(id, { isolation: 'none' });
    const { model, products } = await executeSparsely(thresholded, { backend, samples, session: { threads } });
    for (const { product, lowering, active, predicted } of products) {
      const expected =
        predicted === null ? '' : `, predicted ${predicted.ms.toFixed(3)} of ${predicted.denseMs.toFixed(3)} ms`;
      console.log(`  ${product.node}: ${lowering.kind}, ${active.toFixed(0)} of ${product.inner} fire${expected}`);
    }
    const [before, after] = [await accuracy(twin, test), await accuracy(model, test)];
    const drop = before - after;
    console.log(
      line([
        '',
        'accuracy',
        `${(before * 100).toFixed(2)} → ${(after * 100).toFixed(2)} %`,
        `lost ${(drop * 100).toFixed(2)} points`,
        '',
        '',
        `${MAX_DROP * 100} pt`,
        drop <= MAX_DROP ? 'met' : 'MISSED',
      ]),
    );
    const sessions = new Map([
      ['twin', await backend.open({ bytes: encodeModel(twin) }, { threads })],
      ['dense', await backend.open({ bytes: encodeModel(thresholded) }, { threads })],
      ['sparse', await backend.open({ bytes: encodeModel(model) }, { threads })],
    ]);
    const feeds = Array.from({ length: 64 }, (_, index) => ({
      x: { dtype: 'float32', shape: [1, 784], data: test.images.data.slice(index * 784, (index + 1) * 784) } as const,
    }));
    const rounds = quick ? 100 : 400;
    for (const { name, medianMs, speed, undisturbed } of await measureInTurns(sessions, feeds, {
      rounds,
      baseline: 'twin',
    })) {
      const interval = `${speed.ciLow.toFixed(2)}–${speed.ciHigh.toFixed(2)}`;
      const ends = name === 'sparse' ? verdict(speed.median, limit) : [];
      console.log(
        line([
          `${id} ${threads}`,
          name,
          medianMs.toFixed(3),
          `${speed.median.toFixed(2)} ×`,
          interval,
          `${undisturbed.toFixed(2)} ×`,
          ...ends,
        ]),
      );
    }
    for (const session of sessions.values()) await session.close();
    await backend.close();
  }

  async function accuracy(model: Model, { images, labels }: typeof test): Promise<number> {
    const session = await cpu.open({ bytes: encodeModel(model) }, { threads: 1 });
    const { outputs } = await session.run({ x: images });
    await session.close();
    const probabilities = outputs.probabilities?.data as Float32Array;
    let right = 0;
    for (const [index, label] of labels.data.entries()) {
      const row = probabilities.subarray(index * 10, index * 10 + 10);
      if (row.indexOf(Math.max(...row)) === Number(label)) right += 1;
    }
    return right / labels.data.length;
  }
}

const NAMES = { batch: 'batch', inputName: 'x', outputName: 'probabilities' };

const TWIN = [
  dense(2048, { activation: 'relu' }),
  dense(2048, { activation: 'relu' }),
  dense(10, { activation: 'softmax' }),
];

function onEvent(event: FitEvent): void {
  if (event.kind !== 'epoch') return;
  const silent = Object.values(event.sparsity).map((share) => `${(share * 100).toFixed(1)} %`);
  console.log(
    `  epoch ${event.epoch}: accuracy ${event.accuracy?.toFixed(4)}, silent ${silent.join(', ') || '-'}, ${event.seconds.toFixed(0)} s`,
  );
}
