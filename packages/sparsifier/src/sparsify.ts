/**
 * From a trained model to a sparse one: watch its activations on data, choose thresholds for a goal, put them in, and
 * execute sparsely what gains by it. Inputs and outputs keep their names; nothing is written to disk.
 */
import {
  applyRules,
  badInput,
  insertThresholds,
  type Model,
  RheobaseError,
  random,
  rules,
  type Theta,
  type ThresholdSelector,
  withWeightsInside,
} from '@rheobase/exporter';
import {
  type ActivationStatistics,
  type Calibration,
  type CalibrationOptions,
  calibrate,
  drawNumbers,
  fitSamples,
  type GateKind,
  pickSamples,
  rowsOfRun,
} from './calibration/index.js';
import { executeSparsely, type SparseExecution, type SparseExecutionOptions } from './execute-sparsely.js';
import { finishedScore } from './finished-score.js';
import { lowerProducts } from './lowerings/index.js';
import { measureSpeeds } from './measured-speed.js';
import type { SparsifyReport } from './report.js';
import { sparsifyReport } from './sparsify-report.js';
import { type AdjustableModel, adjustable } from './thresholds/adjustable-model.js';
import { type ChosenThresholds, chooseThresholds, type Goal, type SweepPoint } from './thresholds/choose-thresholds.js';
import { Evaluation } from './thresholds/evaluation.js';
import { thresholdOnThreshold } from './thresholds/merge-thresholds.js';
import { Settling } from './thresholds/settled-thresholds.js';
import { type FoundSites, findSites } from './thresholds/sites.js';

export interface SparsifyOptions extends SparseExecutionOptions {
  /** The class of each sample; without them no accuracy is reported. */
  readonly labels?: ArrayLike<number | bigint>;
  /** The output with the scores by class; default: the first of floats. */
  readonly scores?: string;
  readonly goal: Goal;
  /**
   * `value` (default): x > θ; `magnitude`: |x| > θ; `input`: the same, also on the inputs of products that no
   * activation precedes.
   */
  readonly gate?: GateKind | 'input';
  /** One θ for each channel, all channels of a layer equally silent, instead of one for all; default false. */
  readonly perChannel?: boolean;
  /** Which activations; default: all, and the thresholds that the model has already. */
  readonly selector?: ThresholdSelector;
  /**
   * Samples on which the search measures errors, and the sweep its accuracy, drawn by seed; default 1,000. A budget and the
   * accuracy that is reported are of all samples.
   */
  readonly evaluationSamples?: number;
  readonly onProgress?: (progress: SparsifyProgress) => void;
  /** The calibration of this model on these samples, whole or begun: it is not done again. */
  readonly calibration?: Calibration;
  /** Called when the calibration is done, and where it is stopped. */
  readonly onCalibrated?: (calibration: Calibration) => Promise<void> | void;
  /** Stops after the run that is under way. */
  readonly signal?: AbortSignal;
}

export interface SparsifyProgress {
  readonly stage: 'calibrate' | 'search' | 'measure' | 'check';
  readonly done: number;
  readonly total: number;
}

/** The model, what was decided for each product, and: */
export interface Sparsified extends SparseExecution {
  readonly report: SparsifyReport;
  /** Accuracy, error and speed against sparsity, for a person to pick another point. */
  readonly sweep: readonly TimedSweepPoint[];
}

export interface TimedSweepPoint extends SweepPoint {
  /** Measured speed of the whole model against the one given; null where no product is executed sparsely. */
  readonly speed: number | null;
}

/**
 * @throws RheobaseError `bad-input` where the model has no place for a threshold, the samples do not fit it, or the goal
 *   cannot be reached; whatever the backend throws.
 */
export async function sparsify(original: Model, options: SparsifyOptions): Promise<Sparsified> {
  const { backend, goal, gate: kind = 'value', selector = {}, session, onProgress } = options;
  const progress = (stage: SparsifyProgress['stage']) => (done: number, total: number) => {
    onProgress?.({ stage, done, total });
    // A calibration is stopped between its runs, and can be gone on with.
    if (stage !== 'calibrate' && options.signal?.aborted) throw stopped(`in the stage ${stage}`);
  };
  const gate = kind === 'value' ? 'value' : 'magnitude';
  const { labels } = options;
  if (labels !== undefined && labels.length !== options.samples.count) {
    throw badInput(`${labels.length} labels for ${options.samples.count} samples`);
  }
  const given = withWeightsInside(original);
  const found = findSites(given, selector, kind);
  const { sites } = found;
  const fitted = { ...options, ...(await fitSamples(given, options)) };
  const { samples, batch } = fitted;
  const { scores } = options;
  const shared = {
    ...{ backend, batch },
    ...(session === undefined ? {} : { session }),
    ...(scores === undefined ? {} : { scores }),
  };
  const watch = async (watched: Model, more: Partial<CalibrationOptions>) => {
    const values = sites.map(({ value }) => value);
    const channelAxes = new Map(
      sites.flatMap(({ value, channelAxis: axis }) => (axis === undefined ? [] : [[value, axis] as const])),
    );
    return calibrate(watched, { ...shared, samples, values, channelAxes, ...more });
  };
  const bySite = ({ statistics }: Calibration) =>
    sites.map(({ value }) => statistics.get(value) as ActivationStatistics);

  const turnable = adjustable(found, gate, options.perChannel);
  const calibration = await watch(found.model, {
    onProgress: ({ done, total }) => progress('calibrate')(done, total),
    ...(options.calibration === undefined ? {} : { resume: options.calibration }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  await options.onCalibrated?.(calibration);
  if (calibration.done < calibration.total)
    throw stopped(`after ${calibration.done} of ${calibration.total} samples of the calibration`);
  const before = bySite(calibration);
  const layers = sites.map(({ node }, index) => {
    const statistics = before[index] as ActivationStatistics;
    const neurons = Math.round((statistics.count + statistics.nans) / samples.count);
    // As many θ as the watched values have channels: what is not known beforehand has one for all.
    return { node, statistics, neurons, perChannel: turnable.channels[index] === statistics.channels };
  });
  const labelled = labels === undefined ? {} : { labels: Array.from(labels).slice(0, samples.count) };
  const some = evaluationData(fitted);
  const evaluation = await Evaluation.open(turnable, { ...some, ...shared });
  const settling = await Settling.open(turnable, { ...shared, samples: some.samples });
  const whole =
    some.samples === samples ? evaluation : await Evaluation.open(turnable, { samples, ...labelled, ...shared });
  try {
    const instruments = { evaluation, whole, settling };
    const chosen = await chooseThresholds(layers, gate, goal, instruments, progress('search'));
    const thresholded = withThresholds(found, chosen, gate, backend.id);
    const checked = await watch(thresholded, { onProgress: ({ done, total }) => progress('check')(done, total) });
    const after = bySite(checked);
    const execution = await executeSparsely(cleaned(thresholded, kind), { onMeasured: progress('measure'), ...fitted });
    const sweep = await timedSweep(given, turnable, chosen.sweep, execution, fitted);
    const { deployedRows = 1 } = options;
    const finished = await finishedScore(given, execution, { samples, ...labelled, ...shared, deployedRows });
    const report = await sparsifyReport({ sites, chosen, after, execution, sweep, evaluation, finished });
    return { ...execution, report, sweep };
  } finally {
    for (const open of new Set([evaluation, whole, settling])) await open.close();
  }
}

function stopped(when: string): RheobaseError {
  return new RheobaseError('failed', `stopped ${when}`, { remedy: 'run it again' });
}

/** How fast the model is at each point of the sweep: thresholds turned from outside, products executed as was decided. */
async function timedSweep(
  given: Model,
  turnable: AdjustableModel,
  sweep: readonly SweepPoint[],
  { products }: SparseExecution,
  { backend, samples, session, deployedRows = 1, measure = true }: SparsifyOptions,
): Promise<readonly TimedSweepPoint[]> {
  const sparse = products.filter(({ lowering }) => lowering.kind !== 'dense');
  if (!measure || sparse.length === 0) return sweep.map((point) => ({ ...point, speed: null }));
  const lowerings = sparse.map(({ product, lowering }) => [product.node, lowering] as const);
  const model = lowerProducts(turnable.model, Object.fromEntries(lowerings));
  const subjects = sweep.map(({ thetas }) => ({ model, fixed: turnable.feeds(thetas) }));
  const rows = rowsOfRun(given, samples, deployedRows);
  const speeds = await measureSpeeds(given, subjects, {
    ...{ backend, samples, rows, rounds: 15 },
    ...(session === undefined ? {} : { session }),
  });
  return sweep.map((point, index) => ({ ...point, speed: speeds[index]?.speed ?? null }));
}

/** The finished thresholds as constants. */
function withThresholds(
  { model, sites, ops }: FoundSites,
  { thetas }: ChosenThresholds,
  gate: GateKind,
  target: string,
) {
  const byPosition = new Map<number, Theta>();
  const axes = new Map(sites.map(({ position, channelAxis }) => [position, channelAxis]));
  for (const [index, { position }] of sites.entries()) {
    const theta = thetas[index];
    if (theta !== undefined) byPosition.set(position, theta);
  }
  if (byPosition.size === 0) return model;
  const { model: inserted } = insertThresholds(
    model,
    { ops, positions: [...byPosition.keys()] },
    {
      comparison: gate === 'value' ? 'greater' : 'magnitude',
      target,
      axis: ({ position, type }) => (axes.get(position) ?? 0) - (type?.shape?.length ?? 1),
      threshold: ({ position }) => byPosition.get(position) ?? 0,
    },
  );
  return inserted;
}

/** Without what the way left behind: two thresholds where one does, places for thresholds that none was put in. */
function cleaned(model: Model, kind: GateKind | 'input'): Model {
  const passes = kind === 'input' ? [thresholdOnThreshold, rules.identity] : [thresholdOnThreshold];
  return applyRules(model, [...passes, rules.deadCode]).model;
}

interface EvaluationChoice extends Pick<SparsifyOptions, 'samples' | 'labels' | 'evaluationSamples' | 'seed'> {
  readonly batch: number;
}

/** The samples to measure errors on, with their labels: whole batches of them where there are as many. */
function evaluationData({ samples, labels, evaluationSamples = 1000, seed = 0, batch }: EvaluationChoice) {
  const wanted = Math.max(batch, evaluationSamples - (evaluationSamples % batch));
  const given = labels === undefined ? {} : { labels: Array.from(labels).slice(0, samples.count) };
  if (wanted >= samples.count) return { samples, ...given };
  const draw = random(seed, 'evaluation');
  const numbers = drawNumbers(samples.count, wanted, () => draw.uniform());
  const picked = pickSamples(samples, numbers);
  if (labels === undefined) return { samples: picked };
  return { samples: picked, labels: Array.from(numbers, (number) => labels[number] ?? -1) };
}
