/** First values of a layer's parameters. */
import { type FloatDType, floatTensor } from '../activation/float-dtype.js';
import type { Random } from '../random/random.js';
import { sizeOf, type Tensor } from '../tensor/index.js';

/** How a parameter begins: a matrix `[fanIn, fanOut]`, a convolution's kernel `[out, in, …]`, or any shape for `zeros`. */
export type Initialization = 'zeros' | 'glorotUniform' | 'heUniform';

/**
 * - `glorotUniform`: uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).
 * - `heUniform`: uniform in ±√(6 / fanIn) (He et al., 2015).
 */
export function initialTensor(
  initialization: Initialization,
  dtype: FloatDType,
  shape: readonly number[],
  { uniform }: Random,
): Tensor<FloatDType> {
  const limit = limitOf(initialization, shape);
  const values = Array.from({ length: sizeOf(shape) }, () => (limit === 0 ? 0 : (2 * uniform() - 1) * limit));
  return floatTensor(dtype, shape, values);
}

function limitOf(initialization: Initialization, shape: readonly number[]): number {
  const [fanIn, fanOut] = fansOf(shape);
  switch (initialization) {
    case 'zeros':
      return 0;
    case 'glorotUniform':
      return Math.sqrt(6 / (fanIn + fanOut));
    case 'heUniform':
      return Math.sqrt(6 / fanIn);
  }
}

/** Inputs and outputs of a neuron: `[fanIn, fanOut]` of a matrix, `[out, in, …window]` of a convolution's kernel. */
function fansOf(shape: readonly number[]): readonly [number, number] {
  if (shape.length <= 2) return [shape[0] ?? 1, shape[1] ?? 1];
  const window = sizeOf(shape.slice(2));
  return [shape[1] * window, shape[0] * window];
}
