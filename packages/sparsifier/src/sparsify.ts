/**
 * From a trained model to a sparse one: watch its activations on data, choose thresholds for a goal, put them in, and
 * execute sparsely what gains by it. Inputs and outputs keep their names; nothing is written to disk.
 */
import {
  insertThresholds,
  type Model,
  modelInfo,
  random,
  type SiteSummary,
  type ThresholdSelector,
} from '@rheobase/exporter';
import { type ActivationStatistics, calibrate, drawNumbers, type GateKind, pickSamples } from './calibration/index.js';
import { executeSparsely, type SparseExecution, type SparseExecutionOptions } from './execute-sparsely.js';
import type { SparsifyLayer, SparsifyReport } from './report.js';
import { adjustable } from './thresholds/adjustable-model.js';
import { type ChosenThresholds, chooseThresholds, type Goal, type SweepPoint } from './thresholds/choose-thresholds.js';
import { Evaluation } from './thresholds/evaluation.js';

export interface SparsifyOptions extends SparseExecutionOptions {
  /** The class of each sample; without them no accuracy is reported. */
  readonly labels?: ArrayLike<number | bigint>;
  readonly goal: Goal;
  /** `value` (default): x > θ; `magnitude`: |x| > θ. */
  readonly gate?: GateKind;
  /** Which activations; default: all. */
  readonly selector?: ThresholdSelector;
  /** Samples on which errors and accuracy are measured, drawn by seed; default 1,000. */
  readonly evaluationSamples?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onProgress?: (progress: SparsifyProgress) => void;
}

export interface SparsifyProgress {
  readonly stage: 'calibrate' | 'search' | 'measure' | 'check';
  readonly done: number;
  readonly total: number;
}

/** The model, what was decided for each product, and: */
export interface Sparsified extends SparseExecution {
  readonly report: SparsifyReport;
  /** Accuracy and error against sparsity, for a person to pick another point. */
  readonly sweep: readonly SweepPoint[];
}

/**
 * @throws RheobaseError `bad-input` where the model has no activation, the samples do not fit it, or the goal cannot be
 *   reached; whatever the backend throws.
 */
export async function sparsify(model: Model, options: SparsifyOptions): Promise<Sparsified> {
  const { backend, samples, goal, gate = 'value', selector = {}, onProgress } = options;
  const progress = (stage: SparsifyProgress['stage']) => (done: number, total: number) =>
    onProgress?.({ stage, done, total });
  const turnable = adjustable(model, selector, gate);
  const { sites } = turnable;
  const watch = async (watched: Model, stage: SparsifyProgress['stage']) => {
    const values = sites.map(({ value }) => value);
    const onBatch = ({ done, total }: { done: number; total: number }) => progress(stage)(done, total);
    const { statistics } = await calibrate(watched, {
      ...sharedOptions(options),
      backend,
      samples,
      values,
      onProgress: onBatch,
    });
    return sites.map(({ value }) => statistics.get(value) as ActivationStatistics);
  };

  const before = await watch(model, 'calibrate');
  const layers = sites.map(({ node }, index) => ({ node, statistics: before[index] as ActivationStatistics }));
  const evaluation = await Evaluation.open(turnable, {
    ...evaluationData(options),
    ...sharedOptions(options),
    backend,
    batch: batchOf(model, options),
  });
  try {
    const chosen = await chooseThresholds(layers, gate, goal, evaluation, progress('search'));
    const thresholded = withThresholds(model, sites, chosen, options);
    const after = await watch(thresholded, 'check');
    const execution = await executeSparsely(thresholded, { onMeasured: progress('measure'), ...options });
    const report = await makeReport({ sites, chosen, after, products: execution.products, evaluation });
    return { ...execution, report, sweep: chosen.sweep };
  } finally {
    await evaluation.close();
  }
}

/** The finished thresholds as constants. */
function withThresholds(
  model: Model,
  sites: readonly SiteSummary[],
  { thetas }: ChosenThresholds,
  options: SparsifyOptions,
): Model {
  const byPosition = new Map<number, number>();
  for (const [index, { position }] of sites.entries()) {
    const theta = thetas[index];
    if (theta !== undefined) byPosition.set(position, theta);
  }
  const { gate = 'value', selector = {}, backend } = options;
  const { model: inserted } = insertThresholds(
    model,
    { ...selector, positions: [...byPosition.keys()] },
    {
      comparison: gate === 'value' ? 'greater' : 'magnitude',
      target: backend.id,
      threshold: ({ position }) => byPosition.get(position) ?? 0,
    },
  );
  return inserted;
}

interface Findings {
  readonly sites: readonly SiteSummary[];
  readonly chosen: ChosenThresholds;
  readonly after: readonly ActivationStatistics[];
  readonly products: SparseExecution['products'];
  readonly evaluation: Evaluation;
}

async function makeReport({ sites, chosen, after, products, evaluation }: Findings): Promise<SparsifyReport> {
  const { thetas } = chosen;
  const layers: SparsifyLayer[] = [];
  let silent = 0;
  let all = 0;
  let deadNeurons = 0;
  for (const [index, { node, value }] of sites.entries()) {
    const own = after[index] as ActivationStatistics;
    const alone = await evaluation.score(thetas.map((theta, other) => (other === index ? theta : undefined)));
    silent += own.zeroShare * own.count;
    all += own.count;
    for (let channel = 0; channel < own.channels; channel += 1)
      if (own.isDead(channel, 0, 'magnitude')) deadNeurons += 1;
    layers.push({
      node,
      theta: thetas[index] ?? null,
      sparsity: own.zeroShare,
      lowering: products.find(({ product }) => product.activation === value)?.lowering.kind ?? 'dense',
      outputError: alone.error,
    });
  }
  const [start, end] = [await evaluation.score([]), await evaluation.score(thetas)];
  const accuracy =
    start.accuracy === null || end.accuracy === null ? null : { before: start.accuracy, after: end.accuracy };
  return { schema: 'rheobase/sparsify@1', layers, sparsity: silent / all, accuracy, deadNeurons };
}

/** The samples to measure errors on, with their labels. */
function evaluationData({ samples, labels, evaluationSamples = 1000, seed = 0 }: SparsifyOptions) {
  if (evaluationSamples >= samples.count) return { samples, ...(labels === undefined ? {} : { labels }) };
  const draw = random(seed, 'evaluation');
  const numbers = drawNumbers(samples.count, evaluationSamples, () => draw.uniform());
  const picked = pickSamples(samples, numbers);
  if (labels === undefined) return { samples: picked };
  return { samples: picked, labels: Array.from(numbers, (number) => labels[number] ?? -1) };
}

function sharedOptions({ batch, session }: SparsifyOptions) {
  return { ...(batch === undefined ? {} : { batch }), ...(session === undefined ? {} : { session }) };
}

function batchOf(model: Model, { batch }: SparsifyOptions): number {
  const extent = modelInfo(model)
    .inputs.map(({ shape }) => shape?.[0])
    .find((dim) => typeof dim === 'number');
  return batch ?? (typeof extent === 'number' ? extent : 64);
}
