/**
 * Calibration: runs a model over data and watches activations. Statistics are streamed, so memory does not depend on
 * the number of samples; the next batch runs while the last one is counted, where the backend has a process of its own.
 */
import { type Model, withOutputs } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, Feeds, RunResult, Session, SessionOptions } from '@rheobase/runtime';
import { sourceOfModel } from '../model-source.js';
import { ActivationStatistics } from './activation-statistics.js';
import { asFloats, channelLayout } from './activation-values.js';
import { fixedBatch } from './fit-samples.js';
import type { Samples } from './samples.js';

export interface CalibrationOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** Names of the values to watch. */
  readonly values: readonly string[];
  /** The axis of a value's channels, by its name; default: the last one, in images (rank 4 and above) the second. */
  readonly channelAxes?: ReadonlyMap<string, number>;
  /** Samples in a run; default 64, or what the model's inputs fix. */
  readonly batch?: number;
  readonly session?: SessionOptions;
  /** Called after every batch. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Goes on where this calibration stopped: what it has counted is kept (and counted on in place). */
  readonly resume?: Calibration;
  /** Stops after the batch that is under way; what is counted until then is the answer. */
  readonly signal?: AbortSignal;
}

export interface Calibration {
  /** Samples counted; fewer than there are where it was stopped. */
  readonly done: number;
  readonly total: number;
  /** By the name of the value. */
  readonly statistics: ReadonlyMap<string, ActivationStatistics>;
}

const DEFAULT_BATCH = 64;

/**
 * Counts the values of activations over samples.
 * @throws RheobaseError `bad-input` where a value is not there or is no float tensor, or where samples do not fit the
 *   model's inputs; whatever the backend throws.
 */
export async function calibrate(model: Model, options: CalibrationOptions): Promise<Calibration> {
  const { backend, samples, values, resume } = options;
  if (samples.count === 0) throw badInput('there are no samples to calibrate on');
  if (resume !== undefined) checkResumable(resume, options);
  const watched = sourceOfModel(withOutputs(model, values));
  // A batch is counted before the event loop turns again, and so before the next one's outputs can arrive.
  const session = await backend.open(watched, { ...options.session, reuseOutputs: true });
  try {
    return await calibrateIn(session, { ...options, batch: options.batch ?? fixedBatch(model) ?? DEFAULT_BATCH });
  } finally {
    await session.close();
  }
}

export interface SessionCalibration extends Omit<CalibrationOptions, 'backend' | 'session'> {
  readonly batch: number;
  /** What to feed beside the samples. */
  readonly fixed?: Feeds;
}

/** The same in a session that is open: of a model that gives out the values to watch. */
export async function calibrateIn(session: Session, options: SessionCalibration): Promise<Calibration> {
  const { samples, values, onProgress, signal, resume, batch, fixed } = options;
  const total = samples.count;
  const statistics = new Map(resume?.statistics);
  const start = async (from: number): Promise<RunResult> =>
    session.run({ ...(await samples.feeds(from, Math.min(total, from + batch))), ...fixed }, values);

  let done = resume?.done ?? 0;
  let running = done < total && !signal?.aborted ? start(done) : undefined;
  while (running !== undefined) {
    const { outputs } = await running;
    done = Math.min(total, done + batch);
    running = done < total && !signal?.aborted ? start(done) : undefined;
    // A rejection while this batch is counted is met by the next await, not before.
    running?.catch(() => {});
    for (const name of values) addTo(statistics, name, outputs[name], options.channelAxes?.get(name));
    onProgress?.({ done, total });
  }
  return { done, total, statistics };
}

function addTo(
  statistics: Map<string, ActivationStatistics>,
  name: string,
  value: Tensor | undefined,
  axis: number | undefined,
): void {
  if (value === undefined) throw badInput('the run gave no such value', { where: `value '${name}'` });
  const floats = asFloats(name, value);
  const { channels, run } = channelLayout(value.shape, axis);
  let own = statistics.get(name);
  if (own === undefined) {
    own = new ActivationStatistics(channels);
    statistics.set(name, own);
  }
  if (own.channels !== channels) {
    throw badInput(`it has ${channels} channels, and had ${own.channels} before`, { where: `value '${name}'` });
  }
  own.add(floats, run);
}

function checkResumable({ done, total, statistics }: Calibration, { samples, values }: CalibrationOptions): void {
  const missing = values.find((name) => !statistics.has(name));
  if (done > 0 && missing !== undefined) {
    throw badInput(`the calibration to resume has not watched '${missing}'`, { remedy: 'start anew' });
  }
  if (total !== samples.count) {
    throw badInput(`the calibration to resume is of ${total} samples, here are ${samples.count}`, {
      remedy: 'start anew',
    });
  }
}
