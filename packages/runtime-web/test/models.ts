/** Small models for tests. */
import { buildModel, type DType, encodeModel, input, op, type Shape, type Tensor } from '@rheobase/exporter';

/** y = x, for any element type and shape. */
export function identityModel(dtype: DType, shape: Shape): Uint8Array {
  const x = input('x', dtype, shape);
  return encodeModel(buildModel({ inputs: [x], outputs: { y: op.identity(x) } }));
}

/** y = x · x · x · …: products of square matrices, one node each. */
export function productsModel(size: number, products: number): Uint8Array {
  const x = input('x', 'float32', [size, size]);
  let y = op.matMul(x, x);
  for (let product = 1; product < products; product += 1) y = op.matMul(y, x);
  return encodeModel(buildModel({ inputs: [x], outputs: { y } }));
}

/** Keeps its backend busy for a minute and more. */
export const ENDLESS = { size: 1024, products: 500 };

export function square(size: number): Tensor {
  return { dtype: 'float32', shape: [size, size], data: new Float32Array(size * size) };
}
