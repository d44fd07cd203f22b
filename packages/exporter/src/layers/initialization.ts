/** First values of a layer's parameters. */
import { type FloatDType, floatTensor } from '../activation/float-dtype.js';
import type { Random } from '../random/random.js';
import { sizeOf, type Tensor } from '../tensor/index.js';

/** How a parameter of shape `[fanIn, fanOut]` (or any shape, for `zeros`) begins. */
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
  const [fanIn = 1, fanOut = 1] = shape;
  switch (initialization) {
    case 'zeros':
      return 0;
    case 'glorotUniform':
      return Math.sqrt(6 / (fanIn + fanOut));
    case 'heUniform':
      return Math.sqrt(6 / fanIn);
  }
}
