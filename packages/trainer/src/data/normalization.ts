/**
 * Normalisation of inputs as the first layer of a network, so that a trained model takes the same data as the
 * training did: y = (x − mean) / deviation, with one mean and one deviation for all elements or one for each feature.
 */
import { constant, type FloatDType, type Layer, op, sizeOf, type Tensor, tensor, type Value } from '@rheobase/exporter';
import type { Dataset } from './dataset.js';

export interface NormalizationOptions {
  /** Statistics of each element of an example, or of all elements together; default `all`. */
  readonly per?: 'element' | 'all';
  readonly name?: string;
}

/** The layer that gives the examples of `data` mean 0 and deviation 1. Elements that never vary become 0. */
export function normalization(data: Dataset, { per = 'all', name }: NormalizationOptions = {}): Layer {
  const { shape } = data.x;
  const { mean, deviation } = statistics(data, per);
  const parameter = (values: Float32Array): Tensor<'float32'> => tensor('float32', per === 'all' ? [] : shape, values);
  const scale = deviation.map((value) => (value > 0 ? 1 / value : 0));
  return {
    kind: 'normalization',
    name,
    parameters: () => [],
    forward: (x) => {
      const like = (values: Float32Array) => constantLike(x as Value<FloatDType>, parameter(values));
      return op.mul(op.sub(x as Value<FloatDType>, like(mean)), like(scale)) as typeof x;
    },
  };
}

function constantLike(x: Value<FloatDType>, values: Tensor<'float32'>): Value<FloatDType> {
  const value: Value<FloatDType> = constant(values);
  return x.dtype === 'float32' ? value : op.cast(value, x.dtype);
}

/** Mean and standard deviation in one pass (Welford, 1962, in its form for sums of equal counts). */
function statistics(data: Dataset, per: 'element' | 'all'): { mean: Float32Array; deviation: Float32Array } {
  const size = sizeOf(data.x.shape);
  const groups = per === 'all' ? 1 : size;
  const mean = new Float64Array(groups);
  const squares = new Float64Array(groups);
  const seen = new Float64Array(groups);
  const x = new Float32Array(size);
  const y = scratchFor(data);
  for (let example = 0; example < data.count; example += 1) {
    data.read(Uint32Array.of(example), x, y);
    for (let at = 0; at < size; at += 1) {
      const group = per === 'all' ? 0 : at;
      seen[group] += 1;
      const off = x[at] - mean[group];
      mean[group] += off / seen[group];
      squares[group] += off * (x[at] - mean[group]);
    }
  }
  const deviation = Float32Array.from(squares, (sum, group) => Math.sqrt(sum / seen[group]));
  return { mean: Float32Array.from(mean), deviation };
}

function scratchFor({ y }: Dataset) {
  return y.dtype === 'int64' ? new BigInt64Array(sizeOf(y.shape)) : new Float32Array(sizeOf(y.shape));
}
