/**
 * A whole model: 784-2048-2048-10 on MNIST, trained here as an ordinary ReLU network, then sparsified on training images
 * and raced at batch 1 on real test images against the model that it was made from.
 */
import { dense, encodeModel, type Model, sequential } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { samplesFrom, sparsify } from '@rheobase/sparsifier';
import { adam, fit, loadMnist, sparseCategoricalCrossentropy, tensorDataset } from '@rheobase/trainer';
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
  const trained = await trainTwin(train, quick ? 2 : 3);
  const calibration = await loadMnist('train', 5_000);
  console.log(`\n784-2048-2048-10 on MNIST, trained on ${train.labels.data.length} images; batch 1 on test images`);
  for (const { id, threads, limit } of TARGETS) {
    const backend = nodeBackend(id, { isolation: 'none' });
    const { model, report, products } = await sparsify(trained, {
      backend,
      samples: samplesFrom({ x: calibration.images }),
      labels: calibration.labels.data,
      // Half of what may be lost: the rest is for images that calibration has not seen.
      goal: { kind: 'accuracy', maxDrop: MAX_DROP / 2 },
      session: { threads },
    });
    for (const { theta, sparsity, node } of report.layers) {
      console.log(`  ${node}: threshold ${theta?.toFixed(3) ?? 'none'}, ${(sparsity * 100).toFixed(1)} % silent`);
    }
    for (const { product, lowering, active, predicted } of products) {
      const expected =
        predicted === null ? '' : `, predicted ${predicted.ms.toFixed(3)} of ${predicted.denseMs.toFixed(3)} ms`;
      console.log(`  ${product.node}: ${lowering.kind}, ${active.toFixed(0)} of ${product.inner} fire${expected}`);
    }
    const [before, after] = [await accuracy(trained, test), await accuracy(model, test)];
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
      ['dense', await backend.open({ bytes: encodeModel(trained) }, { threads })],
      ['sparse', await backend.open({ bytes: encodeModel(model) }, { threads })],
    ]);
    const feeds = Array.from({ length: 64 }, (_, index) => ({
      x: { dtype: 'float32', shape: [1, 784], data: test.images.data.slice(index * 784, (index + 1) * 784) } as const,
    }));
    for (const { name, medianMs, speed, undisturbed } of await measureInTurns(sessions, feeds, {
      rounds: quick ? 100 : 400,
      baseline: 'dense',
    })) {
      if (name === 'dense') continue;
      const interval = `${speed.ciLow.toFixed(2)}–${speed.ciHigh.toFixed(2)}`;
      console.log(
        line([
          '',
          `${id} ${threads}`,
          medianMs.toFixed(3),
          `${speed.median.toFixed(2)} ×`,
          interval,
          `${undisturbed.toFixed(2)} ×`,
          ...verdict(speed.median, limit),
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

  async function trainTwin({ images, labels }: typeof train, epochs: number): Promise<Model> {
    const layers = sequential([
      dense(2048, { activation: 'relu' }),
      dense(2048, { activation: 'relu' }),
      dense(10, { activation: 'softmax' }),
    ]);
    const { toModel } = await fit(layers, tensorDataset(images, labels), {
      backend: cpu,
      loss: sparseCategoricalCrossentropy(),
      optimizer: adam(),
      epochs,
      batchSize: 128,
      seed: 1,
      session: { threads: 2 },
      onEvent: (event) => {
        if (event.kind === 'epoch')
          console.log(`  epoch ${event.epoch}: accuracy ${event.accuracy?.toFixed(4)}, ${event.seconds.toFixed(0)} s`);
      },
    });
    return toModel({ batch: 'batch', inputName: 'x', outputName: 'probabilities' });
  }
}
