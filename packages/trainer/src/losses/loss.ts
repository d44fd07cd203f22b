/** What a loss is: a scalar to minimise, made of a network's output and a target. */
import type { DType, Shape, Value } from '@rheobase/exporter';

export interface LossValues {
  /** The mean over the batch, a scalar. */
  readonly loss: Value;
  /** How many examples the output is right about, a scalar; none for a regression. */
  readonly correct?: Value;
}

export interface Loss {
  readonly name: string;
  /** Element type and shape `[batch, …]` of the target that goes with an output. */
  target(output: Value): { readonly dtype: DType; readonly shape: Shape };
  /** Of targets that are class numbers: how many classes there are, so that they are checked before they are used. */
  classes?(output: Value): number | undefined;
  /** How many decisions of an example `correct` counts; default 1. */
  decisions?(output: Value): number;
  build(output: Value, target: Value): LossValues;
}
