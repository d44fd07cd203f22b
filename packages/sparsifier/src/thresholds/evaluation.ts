/**
 * What thresholds do to a model's answers: the error at its output against the model without thresholds, and its
 * accuracy where labels are given.
 */
import { encodeModel, type Theta } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import type { Samples } from '../calibration/index.js';
import { accuracyOf, type Labels, type OutputBatch } from './accuracy.js';
import type { AdjustableModel } from './adjustable-model.js';
import { allOutputsOf, type JudgedOutputs, judgedOutputs, outputsOf, type RunPlan } from './judged-outputs.js';
import { RelativeError } from './relative-error.js';

export interface Score {
  /** √(Σ(y′ − y)² / Σy²) over all elements of an output and all samples, of the output that is furthest off. */
  readonly error: number;
  /** Share of samples whose largest output is the labelled one; null without labels. */
  readonly accuracy: number | null;
}

export interface EvaluationOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** The class of each sample. */
  readonly labels?: Labels;
  /** The output with the scores by class; default: the first of floats. */
  readonly scores?: string;
  readonly batch: number;
  readonly session?: SessionOptions;
}

/** One adjustable model on fixed samples. Close it after use. */
export class Evaluation {
  private reference: readonly (readonly OutputBatch[])[] | undefined;

  private constructor(
    private readonly adjustable: AdjustableModel,
    private readonly options: EvaluationOptions,
    private readonly session: Session,
    private readonly judged: JudgedOutputs,
  ) {}

  /** @throws RheobaseError `bad-input` where labels and samples count differently. */
  static async open(adjustable: AdjustableModel, options: EvaluationOptions): Promise<Evaluation> {
    const { labels, samples, backend } = options;
    if (labels !== undefined && labels.length !== samples.count) {
      throw badInput(`${labels.length} labels for ${samples.count} samples`);
    }
    const judged = judgedOutputs(adjustable.model, options.scores);
    const session = await backend.open({ bytes: encodeModel(adjustable.model) }, options.session);
    return new Evaluation(adjustable, options, session, judged);
  }

  /** @param thetas one for each site; undefined lets everything through. */
  async score(thetas: readonly (Theta | undefined)[]): Promise<Score> {
    const { labels } = this.options;
    const { names, scores } = this.judged;
    this.reference ??= await allOutputsOf(this.session, names, this.plan([]));
    const isReference = thetas.every((theta) => theta === undefined);
    const error = new RelativeError();
    const classified: OutputBatch[] = [];
    let batch = 0;
    for await (const outputs of isReference ? this.reference : outputsOf(this.session, names, this.plan(thetas))) {
      error.add(this.reference[batch] ?? outputs, outputs);
      batch += 1;
      if (labels !== undefined) classified.push(outputs[scores] as OutputBatch);
    }
    return { error: error.value, accuracy: labels === undefined ? null : accuracyOf(classified, labels) };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private plan(thetas: readonly (Theta | undefined)[]): RunPlan {
    const { samples, batch } = this.options;
    return { samples, batch, fixed: this.adjustable.feeds(thetas) };
  }
}
