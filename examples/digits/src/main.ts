/**
 * The main job, end to end: train the digit classifier on all of MNIST, export it in every exact lowering, run real test
 * images through every backend of this machine, compare each with node/cpu, time them all, and write the report.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeFileAtomic, writeModelFile } from '@rheobase/exporter/node';
import { type Case, exitCodeOf, renderHtml, renderJson, renderTerminal, verify } from '@rheobase/harness';
import type { Tensor } from '@rheobase/runtime';
import { type TrainedRecipe, trainRecipe } from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import { createBackend, DEFAULT_BACKENDS, terminalOptions, trainProgress, verifyProgress } from 'rheobase';
import { digitModels, PIXELS, THRESHOLD, type Weights } from './models.js';

const OUT = join(import.meta.dirname, '..', '..', '..', 'out');
const EPOCHS = 10;
const IMAGES = 1000;
const BATCH = 100;

process.exitCode = await main();

async function main(): Promise<number> {
  await mkdir(OUT, { recursive: true });
  const { log, result } = await train();
  await writeFileAtomic(join(OUT, 'train.json'), `${JSON.stringify(log, null, 2)}\n`);
  const models = await writeModels(result.parameters);
  const { images } = await loadMnist('test', IMAGES);
  say(`${models.length} models of 784 → 128 (relu) → threshold ${THRESHOLD} → 10 (softmax) written to ${shown(OUT)}`);

  const backends = DEFAULT_BACKENDS.map((id) => createBackend(id));
  const progress = verifyProgress(backends.length);
  try {
    const report = await verify({
      models,
      backends,
      baseline: 'node/cpu',
      cases: () => casesOf(images),
      timingBudgetMs: 1000,
      onEvent: progress.onEvent,
    });
    progress.stop();
    process.stdout.write(renderTerminal(report, terminalOptions()));
    await writeFileAtomic(join(OUT, 'report.json'), renderJson(report));
    await writeFileAtomic(join(OUT, 'report.html'), renderHtml(report));
    say(`report: ${shown(join(OUT, 'report.html'))} and ${shown(join(OUT, 'report.json'))}`);
    return exitCodeOf(report);
  } finally {
    progress.stop();
    await Promise.all(backends.map((backend) => backend.close()));
  }
}

async function writeModels(weights: Weights): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { name, model } of digitModels(weights)) {
    const path = join(OUT, `${name}.onnx`);
    await writeModelFile(path, model);
    paths.push(shown(path));
  }
  return paths;
}

/** The seed recipe: Adam on sparse categorical cross-entropy, ten epochs over 60,000 images. */
async function train(): Promise<TrainedRecipe> {
  const backend = createBackend('node/cpu');
  const progress = trainProgress(EPOCHS);
  try {
    const [images, test] = await Promise.all([loadMnist('train'), loadMnist('test')]);
    const { onEvent } = progress;
    const trained = await trainRecipe('mnist-mlp', {
      backend,
      train: images,
      test,
      threshold: THRESHOLD,
      epochs: EPOCHS,
      onEvent,
    });
    progress.stop();
    process.stdout.write(`${describe(trained)}\n\n`);
    return trained;
  } finally {
    progress.stop();
    await backend.close();
  }
}

function describe({ log, result }: TrainedRecipe): string {
  const [training, test] = [log.train.accuracy ?? 0, log.test.accuracy ?? 0];
  const silent = Object.entries(log.sparsity).map(([layer, share]) => `${percent(share)} of ${layer}`);
  return [
    `trained mnist-mlp on node/cpu: ${result.steps} steps of ${log.msPerStep.toFixed(2)} ms, ${EPOCHS} epochs, θ = ${THRESHOLD}`,
    `test accuracy ${percent(test)}, train accuracy ${percent(training)}, gap ${percent(training - test)}`,
    `silent on the test images: ${silent.join(', ')}`,
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** The first image alone, as a page would run it, then all of them in batches, as a server would. */
function* casesOf(images: Tensor<'float32'>): Iterable<Case> {
  yield { name: '1 image', feeds: { x: slice(images, 0, 1) } };
  for (let start = 0; start < IMAGES; start += BATCH) {
    yield { name: `images ${start}–${start + BATCH - 1}`, feeds: { x: slice(images, start, BATCH) } };
  }
}

function slice({ data }: Tensor<'float32'>, start: number, count: number): Tensor<'float32'> {
  return { dtype: 'float32', shape: [count, PIXELS], data: data.slice(start * PIXELS, (start + count) * PIXELS) };
}

function shown(path: string): string {
  return relative(process.cwd(), path) || '.';
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
