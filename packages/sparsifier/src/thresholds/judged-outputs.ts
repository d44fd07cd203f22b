/** The outputs by which a model is judged, and what they are for samples. */
import { type Model, modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { isFloat } from '@rheobase/exporter/tensor';
import type { Feeds, Session } from '@rheobase/runtime';
import { asFloats, type Samples } from '../calibration/index.js';
import type { OutputBatch } from './accuracy.js';

export interface JudgedOutputs {
  /** Those whose error counts: all that are float. */
  readonly names: readonly string[];
  /** Which of them has the scores by class: the first (some models give a class number before), or the one named. */
  readonly scores: number;
}

/** @throws RheobaseError `bad-input` where the model has no output of floats, or none of that name. */
export function judgedOutputs(model: Model, scores?: string): JudgedOutputs {
  const { outputs } = modelInfo(model);
  const names = outputs.flatMap(({ name, dtype }) => (dtype === null || isFloat(dtype) ? [name] : []));
  if (names.length === 0) {
    throw badInput(`none of its outputs is float: ${outputs.map(({ name, dtype }) => `${name} ${dtype}`).join(', ')}`);
  }
  const place = scores === undefined ? 0 : names.indexOf(scores);
  if (place >= 0) return { names, scores: place };
  throw badInput(`the model has no output '${scores}' of floats`, { remedy: `choose from ${names.join(', ')}` });
}

export interface RunPlan {
  readonly samples: Samples;
  /** Samples in a run. */
  readonly batch: number;
  /** What to feed beside the samples. */
  readonly fixed?: Feeds;
}

/** Outputs of a model over samples, a batch at a time, in the order of `names`. */
export async function* outputsOf(
  session: Session,
  names: readonly string[],
  { samples, batch, fixed }: RunPlan,
): AsyncGenerator<readonly OutputBatch[]> {
  for (let start = 0; start < samples.count; start += batch) {
    const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
    const { outputs } = await session.run({ ...feeds, ...fixed }, names);
    yield names.map((name) => {
      const value = outputs[name];
      if (value === undefined) throw badInput('the run gave no such value', { where: `output '${name}'` });
      return { values: asFloats(name, value), shape: value.shape };
    });
  }
}

/** The same, all of it. */
export async function allOutputsOf(
  session: Session,
  names: readonly string[],
  plan: RunPlan,
): Promise<readonly (readonly OutputBatch[])[]> {
  const batches: (readonly OutputBatch[])[] = [];
  for await (const batch of outputsOf(session, names, plan)) batches.push(batch);
  return batches;
}
