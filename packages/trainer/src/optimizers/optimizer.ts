/**
 * What an optimizer is: how a vector of parameters moves against its gradient. The parameters of a network are a few
 * long vectors, so that a step is a dozen kernels and not a dozen for each parameter.
 */
import type { Value } from '@rheobase/exporter';

export interface RateInputs {
  /** One learning rate, or a vector with that of every step. */
  readonly learningRate: Value;
  /** Numbers of these steps, counted from 1, of the parameters' element type. */
  readonly step: Value;
}

export interface UpdateInputs {
  /** `[size]`. */
  readonly parameters: Value;
  /** `[size]`. */
  readonly gradient: Value;
  /** State by slot name, each `[size]`. */
  readonly slots: Readonly<Record<string, Value>>;
  /** What `rates` gave for this step, scalars. */
  readonly rates: Readonly<Record<string, Value>>;
  /** To which of these parameters weight decay applies: 1 where it does, `[size]`. */
  readonly decayed: Value | 'all' | 'none';
}

export interface UpdateOutputs {
  readonly parameters: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

export interface Optimizer {
  readonly name: string;
  /** Numbers that decide the trajectory, for checkpoints and metadata. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** Names of state vectors; all begin at zero. */
  readonly slots: readonly string[];
  /** The factors of a step that do not depend on the gradient; works element by element, so for many steps at once. */
  rates(inputs: RateInputs): Readonly<Record<string, Value>>;
  update(inputs: UpdateInputs): UpdateOutputs;
}
