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
import type { Backend, SessionOptions } from '@rheobase/runtime';
import {
  ActivationStatistics,
  calibrate,
  drawNumbers,
  type GateKind,
  pickSamples,
  type Samples,
} from './calibration/index.js';
import { type CostModel, chooseLowering, type LoweringChoice, measureCrossover } from './cost/index.js';
import { findProducts, lowerProducts, type ProductInfo, type ProductLowering } from './lowerings/index.js';
import type { SparsifyLayer, SparsifyReport } from './report.js';
import { adjustable } from './thresholds/adjustable-model.js';
import { type ChosenThresholds, chooseThresholds, type Goal, type SweepPoint } from './thresholds/choose-thresholds.js';
import { Evaluation } from './thresholds/evaluation.js';

export interface SparsifyOptions {
  /** Runs the calibration and the search, and is what lowerings are chosen for. */
  readonly backend: Backend;
  readonly samples: Samples;
  /** The class of each sample; without them no accuracy is reported. */
  readonly labels?: ArrayLike<number | bigint>;
  readonly goal: Goal;
  /** `value` (default): x > θ; `magnitude`: |x| > θ. */
  readonly gate?: GateKind;
  /** Which activations; default: all. */
  readonly selector?: ThresholdSelector;
  /** `auto` (default) asks the cost model for each product. */
  readonly lowering?: 'auto' | ProductLowering;
  /** For `auto`; measured on the backend where left out. */
  readonly costModel?: CostModel;
  /** Rows that the finished model will be run with at once; default 1. Sparse execution counts the union of what fires. */
  readonly deployedRows?: number;
  /** Samples in a run; default 64, or what the model's inputs fix. */
  readonly batch?: number;
  /** Samples on which errors and accuracy are measured, drawn by seed; default 1,000. */
  readonly evaluationSamples?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly session?: SessionOptions;
  readonly onProgress?: (progress: SparsifyProgress) => void;
}

export interface SparsifyProgress {
  readonly stage: 'calibrate' | 'search' | 'measure' | 'check';
  readonly done: number;
  readonly total: number;
}

export interface Sparsified {
  readonly model: Model;
  readonly report: SparsifyReport;
  /** Accuracy and error against sparsity, for a person to pick another point. */
  readonly sweep: readonly SweepPoint[];
  /** What was decided for each product, with the prediction where the cost model was asked. */
  readonly products: readonly ProductDecision[];
}

export interface ProductDecision {
  readonly product: ProductInfo;
  /** Node of the activation that it reads, or the model's input. */
  readonly activation: string;
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  readonly lowering: ProductLowering;
  readonly predicted: { readonly denseMs: number; readonly ms: number } | null;
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
    const products = await decide(thresholded, sites, after, options, progress('measure'));
    const result = lowerProducts(
      thresholded,
      Object.fromEntries(products.map(({ product, lowering }) => [product.node, lowering])),
    );
    const report = await makeReport({ sites, chosen, after, products, evaluation });
    return { model: result, report, sweep: chosen.sweep, products };
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

async function decide(
  model: Model,
  sites: readonly SiteSummary[],
  statistics: readonly ActivationStatistics[],
  options: SparsifyOptions,
  onProgress: (done: number, total: number) => void,
): Promise<ProductDecision[]> {
  const { lowering = 'auto', backend, deployedRows = 1, session } = options;
  const silent = new Map(
    sites.map(({ value, node }, index) => [value, { node, own: statistics[index] as ActivationStatistics }]),
  );
  for (const [name, own] of await inputStatistics(model, options)) silent.set(name, { node: name, own });
  const readers = findProducts(model).flatMap((product) => {
    const source = silent.get(product.activation);
    return source === undefined ? [] : [{ product, ...source }];
  });
  const threads = session?.threads ?? 1;
  const needed = lowering === 'auto' && readers.length > 0;
  const costModel = needed
    ? (options.costModel ?? (await measureCrossover(backend, { threads, onProgress })).model)
    : undefined;
  return readers.map(({ product, node, own }) => {
    const active = unionOfRows(own, deployedRows);
    const choice = costModel === undefined ? undefined : automatic(costModel, product, active);
    return {
      product,
      activation: node,
      active,
      lowering: choice?.lowering ?? (lowering === 'auto' ? { kind: 'dense' } : lowering),
      predicted: choice === undefined ? null : { denseMs: choice.predictedDenseMs, ms: choice.predictedMs },
    };
  });
}

/**
 * Zeros of the model's own inputs (black pixels, absent words): a product that reads them can skip rows just as well.
 * Counted on the samples that errors are measured on.
 */
async function inputStatistics(model: Model, options: SparsifyOptions): Promise<Map<string, ActivationStatistics>> {
  const { samples } = evaluationData(options);
  const batch = batchOf(model, options);
  const found = new Map<string, ActivationStatistics>();
  const inputs = new Set(findProducts(model).map(({ activation }) => activation));
  const names = modelInfo(model).inputs.flatMap(({ name, dtype }) =>
    dtype === 'float32' && inputs.has(name) ? [name] : [],
  );
  if (names.length === 0) return found;
  for (let start = 0; start < samples.count; start += batch) {
    const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
    for (const name of names) {
      const value = feeds[name];
      if (value === undefined) continue;
      const own = found.get(name) ?? new ActivationStatistics(value.shape.at(-1) ?? 1);
      own.add(value.data as Float32Array);
      found.set(name, own);
    }
  }
  return found;
}

function automatic(model: CostModel, { inner, outer, gated }: ProductInfo, active: number): LoweringChoice {
  return chooseLowering(model, { inner, outer, active, ...(gated === null ? {} : { gatedWidth: gated.width }) });
}

/** Neurons of which one of several rows fires, on average, taking rows to be independent. */
function unionOfRows(statistics: ActivationStatistics, rows: number): number {
  let active = 0;
  for (let channel = 0; channel < statistics.channels; channel += 1) {
    active += 1 - statistics.channelZeroShare(channel) ** rows;
  }
  return active;
}

interface Findings {
  readonly sites: readonly SiteSummary[];
  readonly chosen: ChosenThresholds;
  readonly after: readonly ActivationStatistics[];
  readonly products: readonly ProductDecision[];
  readonly evaluation: Evaluation;
}

async function makeReport({ sites, chosen, after, products, evaluation }: Findings): Promise<SparsifyReport> {
  const { thetas } = chosen;
  const layers: SparsifyLayer[] = [];
  let silent = 0;
  let all = 0;
  let deadNeurons = 0;
  for (const [index, { node }] of sites.entries()) {
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
      lowering: products.find(({ activation }) => activation === node)?.lowering.kind ?? 'dense',
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
