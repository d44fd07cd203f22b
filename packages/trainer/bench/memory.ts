/**
 * `npm run memory -w packages/trainer [-- DENSE.onnx SPARSE.onnx]`: does a threshold take less memory? The greatest
 * resident memory of inference, dense against executed sparsely, and of training, θ fixed against θ learnt. Every figure
 * is that of a process of its own, which does nothing else; a process that only loads ONNX Runtime is what to subtract.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeBackend } from '@rheobase/runtime-node';
import { type RecipeChoice, trainRecipe } from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';

/** Models of digits have the input x [batch, 784], as `rheobase train` writes it. */
const INPUT = 'x';

/** Processes a figure; the median is shown, with the least and the greatest. */
const PROCESSES = 5;
const IMAGES = 1000;

const [role, ...rest] = process.argv.slice(2);
if (role === 'child') await child(rest);
else await parent([role, ...rest].filter((one) => one !== undefined));

async function parent(models: readonly string[]): Promise<void> {
  const idle = await report('ONNX Runtime loaded, nothing run', ['idle']);
  for (const model of models) {
    for (const batch of [1, 100])
      await report(`inference, ${model}, batch ${batch}`, ['infer', model, String(batch)], idle);
  }
  for (const recipe of ['mnist-mlp', 'mnist-mlp-wide']) {
    for (const theta of ['zero', 'fixed', 'learnt']) {
      await report(`training, ${recipe}, θ ${theta}`, ['train', recipe, theta], idle);
    }
  }
}

/** Prints one row of the table; answers the median, MB. */
async function report(name: string, task: readonly string[], idle?: number): Promise<number> {
  const peaks: number[] = [];
  for (let run = 0; run < PROCESSES; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), 'child', ...task]);
    peaks.push(Number(stdout));
  }
  peaks.sort((a, b) => a - b);
  const median = peaks[Math.floor(PROCESSES / 2)];
  if (idle === undefined) console.log('| | peak resident memory, MB | above idle |\n| --- | --- | --- |');
  const above = idle === undefined ? '' : (median - idle).toFixed(1);
  console.log(
    `| ${name} | ${median.toFixed(1)} (${peaks[0].toFixed(1)} to ${peaks[PROCESSES - 1].toFixed(1)}) | ${above} |`,
  );
  return median;
}

async function child([task, name, setting]: readonly string[]): Promise<void> {
  const backend = nodeBackend('node/cpu', { isolation: 'none' });
  const session = { threads: 1 } as const;
  if (task === 'infer') {
    const { images } = await loadMnist('test', IMAGES);
    const batch = Number(setting);
    const opened = await backend.open({ path: name }, session);
    for (let first = 0; first < IMAGES; first += batch) {
      const data = (images.data as Float32Array).slice(first * 784, (first + batch) * 784);
      await opened.run({ [INPUT]: { dtype: 'float32', shape: [batch, 784], data } });
    }
    await opened.close();
  } else if (task === 'train') {
    const [train, test] = [await loadMnist('train', IMAGES), await loadMnist('test', IMAGES)];
    const choice: RecipeChoice = { threshold: setting === 'zero' ? 0 : 0.2, learnThreshold: setting === 'learnt' };
    await trainRecipe(name, { backend, train, test, epochs: 1, session, ...choice });
  } else {
    await loadMnist('test', IMAGES);
    await backend.probe();
  }
  process.stdout.write(String(peakMegabytes()));
}

/** Linux counts a peak of the program itself; elsewhere it is what the process ever had. */
function peakMegabytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kilobytes) / 1024;
}
