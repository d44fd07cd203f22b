/**
 * What thresholds do to a model's answers: the error at its output against the model without thresholds, and its
 * accuracy where labels are given.
 */
import { encodeModel, type Model, modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { isFloat } from '@rheobase/exporter/tensor';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import { asFloats, type Samples } from '../calibration/index.js';
import { accuracyOf, type Labels, type OutputBatch } from './accuracy.js';
import type { AdjustableModel } from './adjustable-model.js';
import type { Theta } from './existing-threshold.js';

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
  readonly labels?: Labels;
  readonly batch: number;
  readonly session?: SessionOptions;
}

/** One adjustable model on fixed samples. Close it after use. */
export class Evaluation {
  private reference: readonly OutputBatch[] | undefined;

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
    const output = scoredOutput(adjustable.model);
    const session = await backend.open({ bytes: encodeModel(adjustable.model) }, options.session);
    return new Evaluation(adjustable, options, session, output);
  }

  /** @param thetas one for each site; undefined lets everything through. */
  async score(thetas: readonly (Theta | undefined)[]): Promise<Score> {
    this.reference ??= await this.outputs([]);
    const outputs = thetas.every((theta) => theta === undefined) ? this.reference : await this.outputs(thetas);
    const { labels } = this.options;
    const accuracy = labels === undefined ? null : accuracyOf(outputs, labels);
    return { error: relativeError(this.reference, outputs), accuracy };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** The output that is scored, a batch each. */
  private async outputs(thetas: readonly (Theta | undefined)[]): Promise<OutputBatch[]> {
    const { samples, batch } = this.options;
    const fixed = this.adjustable.feeds(thetas);
    const batches: OutputBatch[] = [];
    for (let start = 0; start < samples.count; start += batch) {
      const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
      const { outputs } = await this.session.run({ ...feeds, ...fixed }, [this.output]);
      const value = outputs[this.output];
      if (value === undefined) throw badInput('the run gave no such output', { where: `output '${this.output}'` });
      batches.push({ values: asFloats(this.output, value), shape: value.shape });
    }
    return batches;
  }
}

/** The first output that is float: some models give a class number first. */
function scoredOutput(model: Model): string {
  const { outputs } = modelInfo(model);
  const [first] = outputs;
  if (first === undefined) throw badInput('the model has no output');
  return (outputs.find(({ dtype }) => dtype !== null && isFloat(dtype)) ?? first).name;
}

/** Elements that are the same count as such, NaN and infinities included; where only one is finite, the error is infinite. */
function relativeError(reference: readonly OutputBatch[], outputs: readonly OutputBatch[]): number {
  let squares = 0;
  let total = 0;
  for (const [index, { values }] of reference.entries()) {
    const others = outputs[index]?.values ?? values;
    for (let element = 0; element < values.length; element += 1) {
      const [expected, other] = [values[element] as number, others[element] as number];
      if (!Number.isFinite(expected)) {
        if (!Object.is(expected, other)) squares = Number.POSITIVE_INFINITY;
        continue;
      }
      squares += Number.isFinite(other) ? (other - expected) ** 2 : Number.POSITIVE_INFINITY;
      total += expected ** 2;
    }
  }
  return total === 0 ? Math.sqrt(squares) : Math.sqrt(squares / total);
}
