/** A fully connected layer: activation(x · kernel + bias). */

import { badInput } from '../errors.js';
import { formatShape } from '../inference/rule.js';
import * as op from '../op/index.js';
import { type Initialization, initialTensor } from './initialization.js';
import type { Layer, ParameterSpec } from './layer.js';
import { applyLayerActivation, type LayerActivation } from './layer-activation.js';

export interface DenseOptions {
  /** Default `identity`. */
  readonly activation?: LayerActivation;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default `glorotUniform`. */
  readonly kernelInitialization?: Initialization;
  /** Default `zeros`. */
  readonly biasInitialization?: Initialization;
  readonly name?: string;
}

/**
 * x `[batch, …, features]` → `[batch, …, units]`. Parameters: `kernel` `[features, units]`, `bias` `[units]`. A matrix
 * goes through Gemm, which runtimes fuse with what follows; x of higher rank through MatMul and Add.
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  const { activation = 'identity', useBias = true, name } = options;
  const { kernelInitialization = 'glorotUniform', biasInitialization = 'zeros' } = options;
  if (!Number.isSafeInteger(units) || units < 1) throw badInput(`a dense layer of ${units} units`);
  return {
    kind: 'dense',
    name,
    parameters(inputShape) {
      const features = inputShape.at(-1);
      if (inputShape.length < 2 || typeof features !== 'number') {
        throw badInput(`a dense layer needs a fixed number of features, its input is ${formatShape(inputShape)}`);
      }
      const kernel = weights('kernel', [features, units], kernelInitialization);
      return useBias ? [kernel, weights('bias', [units], biasInitialization)] : [kernel];
    },
    forward(x, { kernel, bias }) {
      if (useBias && x.shape?.length === 2) return applyLayerActivation(op.gemm(x, kernel, bias), activation);
      const product = op.matMul(x, kernel);
      return applyLayerActivation(useBias ? op.add(product, bias) : product, activation);
    },
  };
}

function weights(name: string, shape: readonly number[], initialization: Initialization): ParameterSpec {
  return {
    name,
    shape,
    trainable: true,
    initial: (dtype, random) => initialTensor(initialization, dtype, shape, random),
  };
}
