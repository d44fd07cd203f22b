/**
 * Which products of a model to execute sparsely, and how: activations are watched on data, the cost model says what pays.
 * For any model whose activations are mostly zero, however it came by them.
 */
import { type Model, modelInfo, RheobaseError } from '@rheobase/exporter';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import { ActivationStatistics, calibrate, fixedBatch, type Samples } from './calibration/index.js';
import { type CostModel, chooseLowering, type LoweringChoice, measureCrossover } from './cost/index.js';
import { NO_LOSS, warningsOf } from './execution-warnings.js';
import { inlineWeights } from './inline-weights.js';
import { findProducts, lowerProducts, type ProductInfo, type ProductLowering } from './lowerings/index.js';
import { type MeasuredSpeed, measureSpeeds } from './measured-speed.js';
import { byFiringRate, reorderNeurons } from './neurons/index.js';
import { type ProductWork, workOf } from './product-work.js';

export interface SparseExecutionOptions {
  /** Runs the model on the samples, and is what lowerings are chosen for. */
  readonly backend: Backend;
  readonly samples: Samples;
  /** `auto` (default) asks the cost model for each product. */
  readonly lowering?: 'auto' | ProductLowering;
  /** For `auto`; measured on the backend where left out. */
  readonly costModel?: CostModel;
  /** Rows that the finished model will be run with at once; default 1. Sparse execution counts the union of what fires. */
  readonly deployedRows?: number;
  /** Samples in a run; default 64, or what the model's inputs fix. */
  readonly batch?: number;
  readonly session?: SessionOptions;
  /** Sorts neurons by firing rate where that changes nothing but the order of summation; default true. */
  readonly reorder?: boolean;
  /** Takes out neurons that fired for no sample. Exact on these samples alone; default false. */
  readonly removeDead?: boolean;
  /**
   * Times the finished model against the dense one. What `auto` has chosen is undone where that shows no gain. Default true.
   */
  readonly measure?: boolean;
  /** Called after every round of measuring the cost model. */
  readonly onMeasured?: (done: number, total: number) => void;
}

export interface ProductDecision {
  readonly product: ProductInfo;
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  readonly lowering: ProductLowering;
  readonly predicted: { readonly denseMs: number; readonly ms: number } | null;
  readonly work: ProductWork;
}

/** Share of zeros below which a product's input is not worth looking at. */
const SILENT_ENOUGH = 0.3;

export interface SparseExecution {
  readonly model: Model;
  readonly products: readonly ProductDecision[];
  /** Neurons taken out because they never fired; 0 unless `removeDead`. */
  readonly removedNeurons: number;
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
  const model = inlineWeights(given);
  const silent = await productInputs(model, options);
  const { model: ordered, removed } = busyFirst(model, silent, options);
  const products = await chooseLowerings(ordered, silent, options);
  const lowerings = products.map(({ product, lowering }) => [product.node, lowering] as const);
  const lowered = lowerProducts(ordered, Object.fromEntries(lowerings));
  const measured = await measureGain(ordered, lowered, products, options);
  const warnings = warningsOf(products, measured, options);
  const isUndone = (options.lowering ?? 'auto') === 'auto' && measured !== null && measured.speed < NO_LOSS;
  return {
    model: isUndone ? ordered : lowered,
    products: isUndone ? products.map(leftDense) : products,
    removedNeurons: removed,
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
  const rows = fixedBatch(dense) ?? deployedRows;
  const shared = { backend, samples, rows, ...(session === undefined ? {} : { session }) };
  const [speed = null] = await measureSpeeds(dense, [{ model: sparse }], shared);
  return speed;
}

function leftDense(decision: ProductDecision): ProductDecision {
  const { product, active, predicted, work } = decision;
  if (decision.lowering.kind === 'dense') return decision;
  return {
    product,
    active,
    lowering: { kind: 'dense' },
    predicted: predicted && { ...predicted, ms: predicted.denseMs },
    work: {
      operations: { ...work.operations, sparse: work.operations.dense },
      weightBytes: { ...work.weightBytes, sparse: work.weightBytes.dense },
    },
  };
}

type SilentValues = ReadonlyMap<string, ActivationStatistics>;

/** Every layer whose neurons can be moved sorted by firing rate, so that the rows read lie close together. */
function busyFirst(
  model: Model,
  silent: SilentValues,
  { reorder = true, removeDead = false }: SparseExecutionOptions,
): { readonly model: Model; readonly removed: number } {
  let current = model;
  let removed = 0;
  if (!reorder && !removeDead) return { model, removed };
  for (const [value, own] of silent) {
    if (own.zeroShare < SILENT_ENOUGH) continue;
    const order = byFiringRate(own, { removeDead });
    try {
      current = reorderNeurons(current, value, order);
      removed += order.neurons - order.order.length;
    } catch (error) {
      // Neurons of inputs, outputs and mixed layers stay where they are.
      if (!(error instanceof RheobaseError) || error.code !== 'bad-input') throw error;
    }
  }
  return { model: current, removed };
}

/** A lowering for each product whose input is silent enough to ask. */
async function chooseLowerings(
  model: Model,
  silent: SilentValues,
  options: SparseExecutionOptions,
): Promise<ProductDecision[]> {
  const { lowering = 'auto', backend, deployedRows = 1, session, onMeasured = () => {} } = options;
  const readers = findProducts(model).flatMap((product) => {
    const own = silent.get(product.activation);
    return own === undefined || own.zeroShare < SILENT_ENOUGH ? [] : [{ product, own }];
  });
  const threads = session?.threads ?? 1;
  const needed = lowering === 'auto' && readers.length > 0;
  const costModel = needed
    ? (options.costModel ?? (await measureCrossover(backend, { threads, onProgress: onMeasured })).model)
    : undefined;
  return readers.map(({ product, own }) => {
    const active = unionOfRows(own, deployedRows);
    const choice = costModel === undefined ? undefined : automatic(costModel, product, active);
    const chosen = choice?.lowering ?? (lowering === 'auto' ? ({ kind: 'dense' } as const) : lowering);
    return {
      product,
      active,
      lowering: chosen,
      work: workOf(product, chosen, active, deployedRows),
      predicted: choice === undefined ? null : { denseMs: choice.predictedDenseMs, ms: choice.predictedMs },
    };
  });
}

/** Statistics of what the products read: activations, and the model's own inputs (black pixels are silent as well). */
async function productInputs(
  model: Model,
  { backend, samples, batch, session }: SparseExecutionOptions,
): Promise<SilentValues> {
  const inputs = new Map(modelInfo(model).inputs.map((info) => [info.name, info]));
  const read = [...new Set(findProducts(model).map(({ activation }) => activation))];
  const values = read.filter((name) => !inputs.has(name));
  const shared = { ...(batch === undefined ? {} : { batch }), ...(session === undefined ? {} : { session }) };
  const watched = values.length === 0 ? undefined : await calibrate(model, { backend, samples, values, ...shared });
  const found = new Map(watched?.statistics);
  for (const name of read) {
    if (inputs.get(name)?.dtype === 'float32') found.set(name, await inputStatistics(name, samples));
  }
  return found;
}

const SAMPLES_AT_ONCE = 64;

async function inputStatistics(name: string, samples: Samples): Promise<ActivationStatistics> {
  let own: ActivationStatistics | undefined;
  for (let start = 0; start < samples.count; start += SAMPLES_AT_ONCE) {
    const feeds = await samples.feeds(start, Math.min(samples.count, start + SAMPLES_AT_ONCE));
    const value = feeds[name];
    if (value === undefined) continue;
    own ??= new ActivationStatistics(value.shape.at(-1) ?? 1);
    own.add(value.data as Float32Array);
  }
  return own ?? new ActivationStatistics(1);
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
