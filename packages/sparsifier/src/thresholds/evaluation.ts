/**
 * What thresholds do to a model's answers: the error at its output against the model without thresholds, and its
 * accuracy where labels are given.
 */
import { encodeModel } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import type { Samples } from '../calibration/index.js';
import type { AdjustableModel } from './adjustable-model.js';

export interface Score {
  /** √(Σ(y′ − y)² / Σy²) over all elements of the first output and all samples. */
  readonly error: number;
  /** Share of samples whose largest output is the labelled one; null without labels. */
  readonly accuracy: number | null;
}

export interface EvaluationOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** The class of each sample. */
  readonly labels?: ArrayLike<number | bigint>;
  readonly batch: number;
  readonly session?: SessionOptions;
}

/** One adjustable model on fixed samples. Close it after use. */
export class Evaluation {
  private reference: readonly Float32Array[] | undefined;

  private constructor(
    private readonly adjustable: AdjustableModel,
    private readonly options: EvaluationOptions,
    private readonly session: Session,
    private readonly output: string,
  ) {}

  /** @throws RheobaseError `bad-input` where labels and samples count differently. */
  static async open(adjustable: AdjustableModel, options: EvaluationOptions): Promise<Evaluation> {
    const { labels, samples, backend } = options;
    if (labels !== undefined && labels.length !== samples.count) {
      throw badInput(`${labels.length} labels for ${samples.count} samples`);
    }
    const [output] = adjustable.model.graph.outputs;
    if (output === undefined) throw badInput('the model has no output');
    const session = await backend.open({ bytes: encodeModel(adjustable.model) }, options.session);
    return new Evaluation(adjustable, options, session, output.name);
  }

  /** @param thetas one for each site; undefined lets everything through. */
  async score(thetas: readonly (number | undefined)[]): Promise<Score> {
    this.reference ??= await this.outputs([]);
    const outputs = thetas.every((theta) => theta === undefined) ? this.reference : await this.outputs(thetas);
    return { error: relativeError(this.reference, outputs), accuracy: this.accuracy(outputs) };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** The first output, a batch each. */
  private async outputs(thetas: readonly (number | undefined)[]): Promise<Float32Array[]> {
    const { samples, batch } = this.options;
    const fixed = this.adjustable.feeds(thetas);
    const batches: Float32Array[] = [];
    for (let start = 0; start < samples.count; start += batch) {
      const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
      const { outputs } = await this.session.run({ ...feeds, ...fixed }, [this.output]);
      batches.push(floatsOf(this.output, outputs[this.output]));
    }
    return batches;
  }

  private accuracy(batches: readonly Float32Array[]): number | null {
    const { labels, samples } = this.options;
    if (labels === undefined) return null;
    const elements = batches.reduce((sum, batch) => sum + batch.length, 0);
    const classes = elements / samples.count;
    let sample = 0;
    let right = 0;
    for (const batch of batches) {
      for (let start = 0; start < batch.length; start += classes, sample += 1) {
        if (argmax(batch, start, start + classes) === Number(labels[sample])) right += 1;
      }
    }
    return right / samples.count;
  }
}

function relativeError(reference: readonly Float32Array[], outputs: readonly Float32Array[]): number {
  let squares = 0;
  let total = 0;
  for (const [index, batch] of reference.entries()) {
    const other = outputs[index] ?? batch;
    for (let element = 0; element < batch.length; element += 1) {
      const expected = batch[element] as number;
      squares += ((other[element] as number) - expected) ** 2;
      total += expected ** 2;
    }
  }
  return total === 0 ? Math.sqrt(squares) : Math.sqrt(squares / total);
}

function argmax(values: Float32Array, start: number, end: number): number {
  let best = start;
  for (let index = start + 1; index < end; index += 1) {
    if ((values[index] as number) > (values[best] as number)) best = index;
  }
  return best - start;
}

function floatsOf(name: string, value: Tensor | undefined): Float32Array {
  if (value?.dtype === 'float32') return value.data as Float32Array;
  if (value?.dtype === 'float64') return Float32Array.from(value.data as Float64Array);
  throw badInput(`output '${name}' is ${value?.dtype ?? 'missing'}; errors are measured on float32 and float64`);
}
