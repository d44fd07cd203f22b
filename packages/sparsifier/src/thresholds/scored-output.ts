/** The output by which a model is judged, and what it is for samples. */
import { type Model, modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { isFloat } from '@rheobase/exporter/tensor';
import type { Feeds, Session } from '@rheobase/runtime';
import { asFloats, type Samples } from '../calibration/index.js';
import type { OutputBatch } from './accuracy.js';

/** The first output that is float: some models give a class number first. */
export function scoredOutput(model: Model): string {
  const { outputs } = modelInfo(model);
  const [first] = outputs;
  if (first === undefined) throw badInput('the model has no output');
  return (outputs.find(({ dtype }) => dtype !== null && isFloat(dtype)) ?? first).name;
}

export interface RunPlan {
  readonly samples: Samples;
  /** Samples in a run. */
  readonly batch: number;
  /** What to feed beside the samples. */
  readonly fixed?: Feeds;
}

/** One output of a model over samples, a batch at a time. */
export async function* outputsOf(
  session: Session,
  output: string,
  { samples, batch, fixed }: RunPlan,
): AsyncGenerator<OutputBatch> {
  for (let start = 0; start < samples.count; start += batch) {
    const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
    const { outputs } = await session.run({ ...feeds, ...fixed }, [output]);
    const value = outputs[output];
    if (value === undefined) throw badInput('the run gave no such value', { where: `output '${output}'` });
    yield { values: asFloats(output, value), shape: value.shape };
  }
}

/** The same, all of it. */
export async function allOutputsOf(session: Session, output: string, plan: RunPlan): Promise<readonly OutputBatch[]> {
  const batches: OutputBatch[] = [];
  for await (const batch of outputsOf(session, output, plan)) batches.push(batch);
  return batches;
}
