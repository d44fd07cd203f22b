/** Numbers in a model that are none, told before anything is computed with them. */
import { badInput, type Model, tensorOf } from '@rheobase/exporter';

/**
 * Infinite ones are let pass: masks of attention are made of them.
 * @param where what the error calls the model.
 * @throws RheobaseError `bad-input` naming the first float32 or float64 initializer that holds NaN.
 */
export function checkWeights({ graph }: Model, where?: string): void {
  for (const initializer of graph.initializers) {
    if (initializer.dtype !== 'float32' && initializer.dtype !== 'float64') continue;
    const at = (tensorOf(initializer).data as Float32Array | Float64Array).findIndex(Number.isNaN);
    if (at === -1) continue;
    throw badInput(`its weight '${initializer.name}' [${initializer.shape}] holds NaN at element ${at}`, {
      ...(where === undefined ? {} : { where }),
      remedy: 'give a model whose training did not break',
    });
  }
}
