/**
 * Which products of a model to execute sparsely, and how: activations are watched on data, the cost model says what pays.
 * For any model whose activations are mostly zero, however it came by them.
 */
import { type Model, modelInfo, RheobaseError } from '@rheobase/exporter';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import { ActivationStatistics, calibrate, type Samples } from './calibration/index.js';
import { type CostModel, chooseLowering, type LoweringChoice, measureCrossover } from './cost/index.js';
import { findProducts, lowerProducts, type ProductInfo, type ProductLowering } from './lowerings/index.js';
import { byFiringRate, reorderNeurons } from './neurons/index.js';

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
  /** Called after every round of measuring the cost model. */
  readonly onMeasured?: (done: number, total: number) => void;
}

export interface ProductDecision {
  readonly product: ProductInfo;
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  readonly lowering: ProductLowering;
  readonly predicted: { readonly denseMs: number; readonly ms: number } | null;
}

/** Share of zeros below which a product's input is not worth looking at. */
const SILENT_ENOUGH = 0.3;

export interface SparseExecution {
  readonly model: Model;
  readonly products: readonly ProductDecision[];
  /** Neurons taken out because they never fired; 0 unless `removeDead`. */
  readonly removedNeurons: number;
}

/**
 * The model with its products executed sparsely where that pays.
 * @throws RheobaseError `bad-input` where the samples do not fit the model; whatever the backend throws.
 */
export async function executeSparsely(model: Model, options: SparseExecutionOptions): Promise<SparseExecution> {
  const silent = await productInputs(model, options);
  const { model: ordered, removed } = busyFirst(model, silent, options);
  const products = await chooseLowerings(ordered, silent, options);
  const lowerings = products.map(({ product, lowering }) => [product.node, lowering] as const);
  return { model: lowerProducts(ordered, Object.fromEntries(lowerings)), products, removedNeurons: removed };
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
    return {
      product,
      active,
      lowering: choice?.lowering ?? (lowering === 'auto' ? { kind: 'dense' } : lowering),
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
