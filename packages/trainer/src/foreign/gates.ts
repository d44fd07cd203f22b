/**
 * Where a model of whatever origin silences neurons, and at which θ, as a training shows it. A ReLU silences as well,
 * but has no θ of its own.
 */
import { elementNumbers, type Model, readThresholds, type Tensor, type Theta } from '@rheobase/exporter';

export interface Gate {
  /** The value whose zeros are silent neurons. */
  readonly output: string;
  /** Undefined for a ReLU, and where θ is not a constant of the model. */
  readonly theta: Theta | undefined;
}

/** Those of the main graph in the order of the nodes; a ReLU whose output goes into a threshold is part of that. */
export function gatesOf(model: Model): readonly Gate[] {
  const gates = readThresholds(model).gates.filter(({ within }) => within.length === 0);
  const thresholds = gates.filter(({ kind }) => kind === 'threshold');
  const behind = new Set(thresholds.flatMap(({ compares, passes }) => [...compares, ...passes]));
  return gates
    .filter(({ kind, output }) => kind === 'threshold' || !behind.has(output))
    .map(({ output, theta }) => ({ output, theta: theta === null ? undefined : shown(theta) }));
}

/** A tensor of θ as logs show it. */
export function asTheta(tensor: Tensor): Theta {
  const [first = Number.NaN, ...others] = elementNumbers(tensor) ?? [];
  return shown(others.length === 0 ? first : [first, ...others]);
}

function shown(theta: Theta): Theta {
  return typeof theta === 'number' ? shortest(theta) : theta.map(shortest);
}

/** The shortest decimal that is this float32: 0.2 and not 0.20000000298. */
function shortest(number: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(number.toPrecision(digits));
    if (Math.fround(rounded) === number) return rounded;
  }
  return number;
}
