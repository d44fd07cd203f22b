/**
 * The digit classifier, 784 → Dense(128, relu) → SparseActivation(θ = 0.2, f) → Dense(10, softmax), in every lowering
 * that is exact for its f.
 */
import {
  type Lowering,
  type Model,
  type NamedActivation,
  RheobaseError,
  recipeModel,
  type Tensor,
} from '@rheobase/exporter';

export const THRESHOLD = 0.2;
export const PIXELS = 28 * 28;

const ACTIVATIONS: readonly { readonly name: string; readonly f: NamedActivation }[] = [
  { name: 'relu', f: 'relu' },
  { name: 'leaky-relu', f: { type: 'leakyRelu', alpha: 0.01 } },
  { name: 'elu', f: 'elu' },
];

const LOWERINGS: readonly { readonly name: string; readonly lowering: Lowering }[] = [
  { name: 'where', lowering: 'where' },
  { name: 'thresholded-relu', lowering: 'thresholdedRelu' },
  { name: 'multiply', lowering: 'multiply' },
];

/** Trained parameters by name. */
export type Weights = Readonly<Record<string, Tensor>>;

export interface DigitModel {
  /** `relu-where`, also the name of its file. */
  readonly name: string;
  readonly model: Model;
}

/** Every activation in every lowering that computes the same function; what a lowering refuses is left out. */
export function digitModels(weights: Weights): readonly DigitModel[] {
  return ACTIVATIONS.flatMap((activation) =>
    LOWERINGS.flatMap(({ name, lowering }) => {
      const model = exactModel(activation.f, lowering, weights);
      return model === undefined ? [] : [{ name: `${activation.name}-${name}`, model }];
    }),
  );
}

function exactModel(activation: NamedActivation, lowering: Lowering, weights: Weights): Model | undefined {
  try {
    return recipeModel('mnist-mlp', { threshold: { threshold: THRESHOLD, activation, lowering }, weights });
  } catch (error) {
    if (error instanceof RheobaseError && error.code === 'inexact') return undefined;
    throw error;
  }
}
