/**
 * A whole model at batch 1 on real test images: `mnist-mlp-wide` (784-2048-2048-10), trained with thresholds that learn to
 * keep most neurons silent, executed sparsely, against its twin, an ordinary ReLU network trained on the same images. Beside what
 * `auto` chooses, every lowering by its name.
 *
 * Training takes minutes: with `RHEOBASE_OUT` the two models are kept in that folder as twin.onnx and thresholded.onnx, and taken from
 * there where they are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dense, encodeModel, type Model, recipeLayers, sequential } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import type { Backend, Session } from '@rheobase/runtime';
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
  const test = await loadMnist('test');
  const { twin, thresholded } = (await keptModels()) ?? (await trainedModels(cpu, quick));
  console.log('\n784-2048-2048-10 on MNIST; batch 1 on test images');
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
    const subjects = new Map([
      ['twin', twin],
      ['dense', thresholded],
      ['auto', model],
    ]);
    for (const kind of NAMED) {
      const shared = { backend, samples, measure: false, session: { threads } };
      subjects.set(kind, (await executeSparsely(thresholded, { ...shared, lowering: { kind } })).model);
    }
    const sessions = new Map<string, Session>();
    for (const [name, subject] of subjects)
      sessions.set(name, await backend.open({ bytes: encodeModel(subject) }, { threads }));
    const feeds = Array.from({ length: 64 }, (_, index) => ({
      x: { dtype: 'float32', shape: [1, 784], data: test.images.data.slice(index * 784, (index + 1) * 784) } as const,
    }));
    const rounds = quick ? 100 : 400;
    for (const { name, medianMs, speed, undisturbed } of await measureInTurns(sessions, feeds, {
      rounds,
      baseline: 'twin',
    })) {
      const interval = `${speed.ciLow.toFixed(2)}–${speed.ciHigh.toFixed(2)}`;
      const dropped = name.endsWith('Approximate') ? await accuracyByOne(backend, subjects.get(name) ?? model) : '';
      const ends = name === 'auto' ? verdict(speed.median, limit) : ['', dropped];
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

/** Lowerings by name, all products alike; `auto` mixes them. */
const NAMED = ['gather', 'chunked', 'adaptive', 'topk', 'mixture', 'mixtureApproximate'] as const;

/** How many of the first thousand test images an approximate lowering gets right, one at a time as it is deployed. */
async function accuracyByOne(backend: Backend, model: Model): Promise<string> {
  const { images, labels } = await loadMnist('test', 1_000);
  const session = await backend.open({ bytes: encodeModel(model) }, { threads: 1 });
  let right = 0;
  for (const [index, label] of labels.data.entries()) {
    const data = images.data.slice(index * 784, (index + 1) * 784);
    const { outputs } = await session.run({ x: { dtype: 'float32', shape: [1, 784], data } });
    const row = Array.from(outputs.probabilities?.data as Float32Array);
    if (row.indexOf(Math.max(...row)) === Number(label)) right += 1;
  }
  await session.close();
  return `${((100 * right) / labels.data.length).toFixed(1)} % right`;
}

interface WideModels {
  readonly twin: Model;
  readonly thresholded: Model;
}

const OUT = process.env.RHEOBASE_OUT;

async function keptModels(): Promise<WideModels | undefined> {
  const [twin, thresholded] = ['twin', 'thresholded'].map((name) => join(OUT ?? '', `${name}.onnx`)) as [
    string,
    string,
  ];
  if (OUT === undefined || !existsSync(twin) || !existsSync(thresholded)) return undefined;
  console.log(`\nmodels of ${OUT}`);
  return { twin: await readModelFile(twin), thresholded: await readModelFile(thresholded) };
}

async function trainedModels(cpu: Backend, quick: boolean): Promise<WideModels> {
  const train = await loadMnist('train', quick ? 10_000 : 60_000);
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
  console.log(`\n784-2048-2048-10 on MNIST, trained on ${images.count} images`);
  const twin = (await fit(sequential(TWIN), images, shared)).toModel(NAMES);
  const sparsity = { l1: 1e-3 };
  const thresholds = recipeLayers('mnist-mlp-wide', { threshold: { theta: 'trainable' } });
  const thresholded = (await fit(sequential(thresholds), images, { ...shared, sparsity })).toModel(NAMES);
  if (OUT !== undefined) {
    await writeModelFile(join(OUT, 'twin.onnx'), twin);
    await writeModelFile(join(OUT, 'thresholded.onnx'), thresholded);
  }
  return { twin, thresholded };
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
