/**
 * The main job, end to end: export the digit classifier in every exact lowering, run real MNIST test images through
 * every backend of this machine, compare each with node/cpu, time them all, and write the report.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeFileAtomic, writeModelFile } from '@rheobase/exporter/node';
import { type Case, exitCodeOf, renderHtml, renderJson, renderTerminal, verify } from '@rheobase/harness';
import type { Tensor } from '@rheobase/runtime';
import { loadMnist } from '@rheobase/trainer';
import { createBackend, DEFAULT_BACKENDS, terminalOptions, verifyProgress } from 'rheobase';
import { digitModels, PIXELS, THRESHOLD } from './models.js';

const OUT = join(import.meta.dirname, '..', '..', '..', 'out');
const IMAGES = 1000;
const BATCH = 100;

process.exitCode = await main();

async function main(): Promise<number> {
  await mkdir(OUT, { recursive: true });
  const models = await writeModels();
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
    const encoder = new TextEncoder();
    await writeFileAtomic(join(OUT, 'report.json'), encoder.encode(renderJson(report)));
    await writeFileAtomic(join(OUT, 'report.html'), encoder.encode(renderHtml(report)));
    say(`report: ${shown(join(OUT, 'report.html'))} and ${shown(join(OUT, 'report.json'))}`);
    return exitCodeOf(report);
  } finally {
    progress.stop();
    await Promise.all(backends.map((backend) => backend.close()));
  }
}

async function writeModels(): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { name, model } of digitModels()) {
    const path = join(OUT, `${name}.onnx`);
    await writeModelFile(path, model);
    paths.push(shown(path));
  }
  return paths;
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
