/**
 * A layer is a recipe: which parameters it needs for an input of some shape, and the graph it makes of an input and
 * those parameters. It holds no weights. So the same layer serves a model with fixed weights, where parameters are
 * constants, and training, where they are graph inputs.
 */
import type { Activation } from '../activation/activations.js';
import type { FloatDType } from '../activation/float-dtype.js';
import type { Comparison } from '../activation/threshold-options.js';
import type { Value } from '../builder/value.js';
import type { Dim } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { Tensor } from '../tensor/index.js';

export interface ParameterSpec {
  /** Within the layer: `kernel`, `bias`, `theta`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** Where a finished model has it: built in, or as an input fed on every run. Default `initializer`. */
  readonly source?: 'initializer' | 'input';
  initial(dtype: FloatDType, random: Random): Tensor<FloatDType>;
}

export interface Layer {
  /** What the layer is called unless it has a name: `dense`, `sparse_activation`. */
  readonly kind: string;
  readonly name?: string | undefined;
  /** Of a threshold activation: what a trainer needs to know to give θ a gradient. */
  readonly gate?:
    | { readonly activation: Activation; readonly comparison: Comparison; readonly axis: number }
    | undefined;
  /** @throws RheobaseError `bad-input` where the layer cannot take an input of this shape (`[batch, …]`). */
  parameters(inputShape: readonly Dim[]): readonly ParameterSpec[];
  /** The layer's output. `parameters` has a value for each of the layer's parameters, by name. */
  forward<D extends FloatDType>(x: Value<D>, parameters: Readonly<Record<string, Value<D>>>): Value<D>;
}
