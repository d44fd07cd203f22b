/**
 * Samples made to fit a model before anything long is begun: names, element types and shapes are compared, and a batch
 * is found that the model takes (some are exported for one sample, and only say so when they are run).
 */
import { encodeModel, type Model, modelInfo, type Shape, type ValueSummary } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Backend, Feeds, SessionOptions } from '@rheobase/runtime';
import type { Samples } from './samples.js';

export interface FittedSamples {
  /** As many of the samples as whole batches take. */
  readonly samples: Samples;
  readonly batch: number;
}

export interface FitOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** Samples in a run; where left out, what the inputs fix, else 64 or 1. */
  readonly batch?: number;
  readonly session?: SessionOptions;
}

const USUAL_BATCH = 64;

/** @throws RheobaseError `bad-input` where the samples do not fit the model's inputs; whatever the backend throws. */
export async function fitSamples(model: Model, options: FitOptions): Promise<FittedSamples> {
  const { samples } = options;
  if (samples.count === 0) throw badInput('there are no samples to calibrate on');
  checkSamples(model, await samples.feeds(0, 1));
  if (samples.atOnce === 1) return { samples, batch: 1 };
  const fixed = fixedBatch(model);
  if (fixed === undefined) return { samples, batch: options.batch ?? (await workingBatch(model, options)) };
  const count = samples.count - (samples.count % fixed);
  if (count === 0) {
    throw badInput(`the model takes ${fixed} samples at once, there are ${samples.count}`, {
      remedy: 'give more samples',
    });
  }
  return { samples: { ...samples, count, feeds: (start, end) => samples.feeds(start, end) }, batch: fixed };
}

/** The leading extent that the model's inputs fix, undefined where one of them leaves it open. */
export function fixedBatch(model: Model): number | undefined {
  const extents = modelInfo(model).inputs.map(({ shape }) => shape?.[0]);
  const [first] = extents;
  return typeof first === 'number' && extents.every((extent) => typeof extent === 'number') ? first : undefined;
}

/** How many samples a run of the deployed model takes: what its inputs fix, else what was asked for. */
export function rowsOfRun(model: Model, { atOnce = Number.POSITIVE_INFINITY }: Samples, wanted = 1): number {
  return atOnce === 1 ? 1 : (fixedBatch(model) ?? Math.min(wanted, atOnce));
}

function checkSamples(model: Model, feeds: Feeds): void {
  const { inputs } = modelInfo(model);
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(feeds).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw badInput(`the model has no input '${unknown}'`, { remedy: `name the samples ${names.join(', ')}` });
  }
  for (const input of inputs) checkInput(input, feeds[input.name]);
}

function checkInput({ name, dtype, shape }: ValueSummary, sample: Feeds[string] | undefined): void {
  const where = `input '${name}'`;
  if (sample === undefined) throw badInput('there are no samples for it', { where });
  if (dtype !== null && sample.dtype !== dtype) {
    throw badInput(`it takes ${dtype}, the samples are ${sample.dtype}`, { where, remedy: `convert them to ${dtype}` });
  }
  if (shape === null || fits(shape, sample.shape)) return;
  throw badInput(`it takes ${text(shape)}, the samples are ${text(['samples', ...sample.shape.slice(1)])}`, { where });
}

function fits(wanted: NonNullable<Shape>, given: readonly number[]): boolean {
  return (
    wanted.length === given.length &&
    given.every((extent, axis) => axis === 0 || typeof wanted[axis] !== 'number' || wanted[axis] === extent)
  );
}

function text(shape: NonNullable<Shape>): string {
  return `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
}

async function workingBatch(model: Model, { backend, samples, session: options }: FitOptions): Promise<number> {
  const session = await backend.open({ bytes: encodeModel(model) }, options);
  try {
    const count = Math.min(USUAL_BATCH, samples.count);
    const failure = await refusal(async () => session.run(await samples.feeds(0, count)));
    if (failure === undefined) return USUAL_BATCH;
    if (count > 1 && (await refusal(async () => session.run(await samples.feeds(0, 1)))) === undefined) return 1;
    throw failure;
  } finally {
    await session.close();
  }
}

async function refusal(run: () => Promise<unknown>): Promise<RheobaseError | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof RheobaseError && (error.code === 'failed' || error.code === 'bad-input')) return error;
    throw error;
  }
}
