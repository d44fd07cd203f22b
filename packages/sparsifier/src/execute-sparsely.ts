/**
 * Which products of a model to execute sparsely, and how: activations are watched on data, the cost model says what pays.
 * For any model whose activations are mostly zero, however it came by them.
 */
import { type Model, random, withWeightsInside } from '@rheobase/exporter';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import {
  type ActivationStatistics,
  drawNumbers,
  type FiringPatterns,
  fixedBatch,
  pickSamples,
  rowsOfRun,
  type Samples,
  watchFiring,
} from './calibration/index.js';
import { type CostModel, chooseLowering, type LoweringChoice, measureCrossover } from './cost/index.js';
import { NO_LOSS, warningsOf } from './execution-warnings.js';
import { blockSizeFor, findProducts, type ProductInfo, type ProductLowering } from './lowerings/index.js';
import { type MeasuredSpeed, measureSpeeds } from './measured-speed.js';
import {
  byCoActivation,
  byFiringRate,
  livingNeurons,
  type OrderedLayers,
  orderLayers,
  unreadNeurons,
} from './neurons/index.js';
import { type Decision, decide, type ProductDecision } from './product-decision.js';
import { productInputs, SILENT_ENOUGH, type SilentValues } from './silent-values.js';
import { tuneLowerings, withLowerings } from './tune-lowerings.js';
import { isMixture, loweringFor, type WantedLowering } from './wanted-lowering.js';

export interface SparseExecutionOptions {
  /** Runs the model on the samples, and is what lowerings are chosen for. */
  readonly backend: Backend;
  readonly samples: Samples;
  /** `auto` (default) asks the cost model for each product, and takes only what is exact. */
  readonly lowering?: 'auto' | WantedLowering;
  /** For `auto`; measured on the backend where left out. */
  readonly costModel?: CostModel;
  /** Rows that the finished model will be run with at once; default 1. Sparse execution counts the union of what fires. */
  readonly deployedRows?: number;
  /** Samples in a run; default 64, or what the model's inputs fix. */
  readonly batch?: number;
  readonly session?: SessionOptions;
  /**
   * Sorts neurons by firing rate (for a mixture: by what fires together) where that changes nothing but the order of
   * summation; default true.
   */
  readonly reorder?: boolean;
  /**
   * Takes out neurons that fired for no sample, which is exact on these samples alone, and those that nobody reads (pruning
   * leaves such), which is exact; default false.
   */
  readonly removeDead?: boolean;
  /** Of what is drawn; default 0. */
  readonly seed?: number;
  /**
   * Times the finished model against the dense one. What `auto` has chosen is undone where that shows no gain. Default true.
   */
  readonly measure?: boolean;
  /** Called after every round of measuring the cost model. */
  readonly onMeasured?: (done: number, total: number) => void;
}

export interface SparseExecution {
  readonly model: Model;
  /** The same model, neurons in the same order, with all its products dense. */
  readonly dense: Model;
  readonly products: readonly ProductDecision[];
  /** Neurons taken out because they never fired or nobody reads them; 0 unless `removeDead`. */
  readonly removedNeurons: number;
  /** Neurons that nobody reads, in the layers whose products could be sparse. */
  readonly unreadNeurons: number;
  /** The model with its products dense against the one with them sparse; null where none is, or it was not measured. */
  readonly measured: MeasuredSpeed | null;
  /** Where nothing is gained, and why. */
  readonly warnings: readonly string[];
}

/**
 * The model with its products executed sparsely where that pays.
 * @throws RheobaseError `bad-input` where the samples do not fit the model; whatever the backend throws.
 */
export async function executeSparsely(given: Model, options: SparseExecutionOptions): Promise<SparseExecution> {
  const model = withWeightsInside(given);
  const silent = await productInputs(model, options);
  const patterns = await firingPatterns(model, silent, options);
  const unread = Array.from(silent).reduce(
    (sum, [value, { channels }]) => sum + unreadNeurons(model, value, channels).length,
    0,
  );
  const layers = ordered(model, silent, patterns, options);
  const costModel = await costModelFor(silent, layers.model, options);
  const chosen = chooseLowerings(layers, silent, patterns, costModel, options);
  const isTimed = options.measure ?? true;
  const products = isTimed ? await tuneLowerings(layers.model, chosen, costModel, options) : chosen;
  const lowered = withLowerings(layers.model, products);
  const measured = await measureGain(layers.model, lowered, products, options);
  const warnings = warningsOf(products, measured, options);
  const isUndone = costModel !== undefined && measured !== null && measured.speed < NO_LOSS;
  return {
    model: isUndone ? layers.model : lowered,
    dense: layers.model,
    products: isUndone ? products.map((own) => decide(own, { kind: 'dense' })) : products,
    removedNeurons: layers.removed,
    unreadNeurons: unread,
    measured,
    warnings,
  };
}

async function measureGain(
  dense: Model,
  sparse: Model,
  products: readonly ProductDecision[],
  { backend, samples, session, measure = true, deployedRows = 1 }: SparseExecutionOptions,
): Promise<MeasuredSpeed | null> {
  if (!measure || products.every(({ lowering }) => lowering.kind === 'dense')) return null;
  const rows = rowsOfRun(dense, samples, deployedRows);
  const shared = { backend, samples, rows, ...(session === undefined ? {} : { session }) };
  const [speed = null] = await measureSpeeds(dense, [{ model: sparse }], shared);
  return speed;
}

/** Every layer whose neurons can be moved sorted: those that fire often, or together, lie side by side. */
function ordered(
  model: Model,
  silent: SilentValues,
  patterns: ReadonlyMap<string, FiringPatterns>,
  { reorder = true, removeDead = false, lowering = 'auto' }: SparseExecutionOptions,
): OrderedLayers {
  if (!reorder && !removeDead) return { model, removed: 0, moved: new Map() };
  const wish = lowering !== 'auto' && 'blockSize' in lowering ? lowering.blockSize : undefined;
  const orders = Array.from(silent).flatMap(([value, own]) => {
    const unread = removeDead ? unreadNeurons(model, value, own.channels) : [];
    if (own.zeroShare < SILENT_ENOUGH && unread.length === 0) return [];
    const kept = removeDead ? livingNeurons(own, unread) : Array.from({ length: own.channels }, (_, neuron) => neuron);
    const together = patterns.get(value);
    if (together === undefined) return [[value, byFiringRate(own, kept)] as const];
    return [[value, byCoActivation(together, wish ?? blockSizeFor(kept.length), kept)] as const];
  });
  return orderLayers(model, orders);
}

/** The products whose input is silent enough to ask how to execute them. */
function silentProducts(model: Model, silent: SilentValues) {
  return findProducts(model).flatMap((product) => {
    const own = silent.get(product.activation);
    return own === undefined || own.zeroShare < SILENT_ENOUGH ? [] : [{ product, own }];
  });
}

/** For `auto`: the cost model given, or measured now. */
async function costModelFor(
  silent: SilentValues,
  model: Model,
  { lowering = 'auto', costModel, backend, session, onMeasured = () => {} }: SparseExecutionOptions,
): Promise<CostModel | undefined> {
  if (lowering !== 'auto' || silentProducts(model, silent).length === 0) return undefined;
  const threads = session?.threads ?? 1;
  return costModel ?? (await measureCrossover(backend, { threads, onProgress: onMeasured })).model;
}

/** A lowering for each product whose input is silent enough to ask. */
function chooseLowerings(
  { model, moved }: OrderedLayers,
  silent: SilentValues,
  patterns: ReadonlyMap<string, FiringPatterns>,
  costModel: CostModel | undefined,
  { lowering = 'auto', deployedRows: rows = 1 }: SparseExecutionOptions,
): readonly Decision[] {
  return silentProducts(model, silent).map(({ product, own }) => {
    const active = unionOfRows(own, rows);
    if (costModel === undefined) return decide({ product, active, rows, costs: null }, named(product, active));
    const choice = automatic(costModel, product, active);
    const costs = { denseMs: choice.predictedDenseMs, sparseMs: choice.predictedSparseMs };
    return decide({ product, active, rows, costs }, choice.lowering);
  });

  function named(product: ProductInfo, active: number): ProductLowering {
    if (lowering === 'auto') return { kind: 'dense' };
    const together = patterns.get(product.activation);
    const order = moved.get(product.activation)?.order;
    return loweringFor(lowering, product, {
      ...{ active, rows },
      ...(together === undefined ? {} : { patterns: together }),
      ...(order === undefined ? {} : { order }),
    });
  }
}

/** So many samples, and rows of them (a sample of a sequence has several), tell which neurons fire together. */
const [FIRING_SAMPLES, FIRING_ROWS] = [512, 1024];

/** For a mixture: which neurons of the silent layers fire together. */
async function firingPatterns(
  model: Model,
  silent: SilentValues,
  { backend, samples, batch, session, lowering = 'auto', seed = 0 }: SparseExecutionOptions,
): Promise<ReadonlyMap<string, FiringPatterns>> {
  const values = new Map(
    Array.from(silent).flatMap(([value, own]) =>
      own.zeroShare < SILENT_ENOUGH ? [] : [[value, own.channels] as const],
    ),
  );
  if (lowering === 'auto' || !isMixture(lowering) || values.size === 0) return new Map();
  const own = batch ?? fixedBatch(model) ?? 1;
  const wanted = Math.max(own, FIRING_SAMPLES - (FIRING_SAMPLES % own));
  const draw = random(seed, 'firing');
  const picked = pickSamples(
    samples,
    drawNumbers(samples.count, wanted, () => draw.uniform()),
  );
  const shared = { backend, batch: own, ...(session === undefined ? {} : { session }) };
  return watchFiring(model, { ...shared, samples: picked, values, rows: FIRING_ROWS });
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
