/**
 * A foreign model: Silero VAD v5 (npm `@ricky0123/vad-web`), a voice detector of convolutions and an LSTM that streams 32 ms
 * at a time and carries its state along. Sparsified on audio that is like speech: is the result valid, does every backend
 * agree, what error does the silence cost, and is anything gained?
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkModel, encodeModel, type Model } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, Feeds } from '@rheobase/runtime';
import { writeTensorsFile } from '@rheobase/runtime/files';
import { nodeBackend } from '@rheobase/runtime-node';
import { fixInputs, type Samples, sparsify } from '@rheobase/sparsifier';
import { line } from './print.js';
import { SAMPLE_RATE, speechLike } from './speech.js';

/** A frame is 512 new samples behind the last 64 of the frame before. */
const [FRAME, CONTEXT] = [512, 64];
const STATE = 2 * 128;

export async function benchSilero(quick: boolean): Promise<void> {
  const original = fixInputs(await readModelFile(sileroPath()), {
    sr: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(SAMPLE_RATE)) },
  });
  const backend = nodeBackend('node/cpu', { isolation: 'none' });
  const frames = await stream(original, backend, speechLike(quick ? 10 : 60, 1));
  const unheard = await stream(original, backend, speechLike(20, 2));
  console.log(
    `\nSilero VAD v5 at 16 kHz, ${frames.length} frames of speech-like audio to choose on, ${unheard.length} unheard`,
  );
  console.log(line(['target', 'silent', 'error', 'probability off by', 'decisions kept', 'speed', 'backends', '']));
  for (const target of [0.6, 0.7, 0.8]) {
    const goal = { kind: 'sparsity', target } as const;
    const { model, report, products } = await sparsify(original, { backend, samples: samplesOf(frames), goal });
    const problems = checkModel(model).filter(({ severity }) => severity === 'error');
    if (problems.length > 0) throw new Error(`not valid: ${problems[0]?.message}`);
    const heard = await stream(model, backend, speechLike(20, 2));
    const { worst, kept } = difference(unheard, heard);
    const sparse = products.filter(({ lowering }) => lowering.kind !== 'dense').length;
    console.log(
      line([
        `${target * 100} %`,
        `${(100 * report.sparsity).toFixed(1)} %`,
        report.layers.reduce((most, { outputError }) => Math.max(most, outputError), 0).toFixed(3),
        worst.toFixed(3),
        `${(100 * kept).toFixed(1)} %`,
        report.measured === null ? `${sparse} sparse` : `${report.measured.speed.toFixed(2)} ×`,
        await agreement(model, frames.slice(0, 10)),
      ]),
    );
    for (const { node, theta, sparsity } of report.layers) {
      console.log(
        `    ${node}: θ ${typeof theta === 'number' ? theta.toPrecision(3) : theta}, ${(100 * sparsity).toFixed(1)} % silent`,
      );
    }
    const out = process.env.RHEOBASE_OUT;
    if (out !== undefined) await writeModelFile(join(out, `silero-${target * 100}.onnx`), model);
  }
  await backend.close();
}

/** Frames of speech-like audio, with the states they are met in, as `rheobase sparsify --data` takes them: a run each. */
export async function writeSileroFrames(path: string, seconds = 10): Promise<void> {
  const backend = nodeBackend('node/cpu', { isolation: 'none' });
  const model = fixInputs(await readModelFile(sileroPath()), {
    sr: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(SAMPLE_RATE)) },
  });
  const frames = await stream(model, backend, speechLike(seconds, 1));
  await backend.close();
  const tensors: Record<string, Tensor> = {};
  for (const [index, frame] of frames.entries()) {
    for (const [name, value] of Object.entries(feedsOf([frame]))) tensors[`frame${index}/${name}`] = value;
  }
  await writeTensorsFile(path, tensors);
  console.log(`${path}: ${frames.length} frames for ${sileroPath()}`);
}

interface Frame {
  readonly input: Float32Array;
  readonly state: Float32Array;
  readonly probability: number;
}

/** Runs a model over audio as it is meant to be run: a frame at a time, the state carried along. */
async function stream(model: Model, backend: Backend, audio: Float32Array): Promise<readonly Frame[]> {
  const session = await backend.open({ bytes: encodeModel(model) }, { threads: 1 });
  const frames: Frame[] = [];
  let state = new Float32Array(STATE);
  for (let start = CONTEXT; start + FRAME <= audio.length; start += FRAME) {
    const input = audio.slice(start - CONTEXT, start + FRAME);
    const { outputs } = await session.run(feedsOf([{ input, state }]));
    frames.push({ input, state, probability: floats(outputs.output)[0] ?? Number.NaN });
    state = floats(outputs.stateN).slice();
  }
  await session.close();
  return frames;
}

function floats(value: Tensor | undefined): Float32Array {
  if (value?.dtype !== 'float32') throw new Error('the model gave no such output');
  return value.data as Float32Array;
}

function samplesOf(frames: readonly Frame[]): Samples {
  return { count: frames.length, feeds: (start, end) => feedsOf(frames.slice(start, end)) };
}

/** Frames side by side: `input` `[n, 576]`, `state` `[2, n, 128]`. */
function feedsOf(frames: readonly Pick<Frame, 'input' | 'state'>[]): Feeds {
  const count = frames.length;
  const input = new Float32Array(count * (CONTEXT + FRAME));
  const state = new Float32Array(count * STATE);
  for (const [index, frame] of frames.entries()) {
    input.set(frame.input, index * (CONTEXT + FRAME));
    for (const half of [0, 1]) {
      state.set(frame.state.subarray(half * 128, half * 128 + 128), (half * count + index) * 128);
    }
  }
  const tensor = (shape: readonly number[], data: Float32Array): Tensor<'float32'> => ({
    dtype: 'float32',
    shape,
    data,
  });
  return { input: tensor([count, CONTEXT + FRAME], input), state: tensor([2, count, 128], state) };
}

/** Voice is where the probability exceeds one half. */
function difference(before: readonly Frame[], after: readonly Frame[]) {
  let worst = 0;
  let kept = 0;
  for (const [index, { probability }] of before.entries()) {
    const other = after[index]?.probability ?? Number.NaN;
    worst = Math.max(worst, Math.abs(other - probability));
    if (other > 0.5 === probability > 0.5) kept += 1;
  }
  return { worst, kept: kept / before.length };
}

/** The largest difference between node/cpu and each other backend of Node, frame by frame. */
async function agreement(model: Model, frames: readonly Frame[]): Promise<string> {
  const outputs = new Map<string, Float32Array[]>();
  for (const id of ['node/cpu', 'node/wasm', 'node/webgpu']) {
    const backend = nodeBackend(id);
    if (!(await backend.probe()).available) continue;
    const session = await backend.open({ bytes: encodeModel(model) });
    const own: Float32Array[] = [];
    for (const frame of frames) own.push(floats((await session.run(feedsOf([frame]))).outputs.output));
    outputs.set(id, own);
    await session.close();
    await backend.close();
  }
  const reference = outputs.get('node/cpu') ?? [];
  return Array.from(outputs, ([id, own]) => {
    const worst = own.reduce(
      (most, [value = Number.NaN], index) => Math.max(most, Math.abs(value - (reference[index]?.[0] ?? 0))),
      0,
    );
    return id === 'node/cpu' ? '' : `${id} off by ${worst.toExponential(0)}`;
  })
    .join(' ')
    .trim();
}

function sileroPath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'));
  const path = join(folder, 'silero_vad_v5.onnx');
  if (!existsSync(path)) throw new Error(`${path} is not there; npm install @ricky0123/vad-web`);
  return path;
}
