/** What a model's products read, watched on samples. */
import { type Model, modelInfo } from '@rheobase/exporter';
import { ActivationStatistics, calibrate, type Samples } from './calibration/index.js';
import type { SparseExecutionOptions } from './execute-sparsely.js';
import { findProducts } from './lowerings/index.js';

/** Statistics by the name of the value. */
export type SilentValues = ReadonlyMap<string, ActivationStatistics>;

/** Share of zeros below which a product's input is not worth looking at. */
export const SILENT_ENOUGH = 0.3;

/** Statistics of what the products read: activations, and the model's own inputs (black pixels are silent as well). */
export async function productInputs(
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
  const { atOnce = SAMPLES_AT_ONCE } = samples;
  for (let start = 0; start < samples.count; start += atOnce) {
    const feeds = await samples.feeds(start, Math.min(samples.count, start + atOnce));
    const value = feeds[name];
    if (value === undefined) continue;
    own ??= new ActivationStatistics(value.shape.at(-1) ?? 1);
    own.add(value.data as Float32Array);
  }
  return own ?? new ActivationStatistics(1);
}
