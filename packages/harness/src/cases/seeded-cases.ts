/**
 * Random inputs for any model, from a seed. Each input of each case has a stream of its own, so that case 7 is the same
 * whether or not cases 0 to 6 were drawn, and an input keeps its values when the model gains another.
 */
import { type Model, type Random, random } from '@rheobase/exporter';
import { dtypeBits, dtypeKind, isFloat, type Tensor } from '@rheobase/exporter/tensor';
import { integerIn, normal } from '../random/index.js';
import type { Case, Dims } from './case.js';
import { type InputSpec, inputSpecs } from './input-shapes.js';
import { rangeOfInput } from './integer-ranges.js';
import { tensorFromNumbers } from './tensor-from-numbers.js';

export type Distribution =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  /** From `low` up to but not including `high`; whole numbers for integer inputs. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

export interface SeededCasesOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Default 1. */
  readonly cases?: number;
  readonly dims?: Dims;
  /** For floating-point inputs; default the standard normal distribution. */
  readonly distribution?: Distribution;
  /** By input name, before everything else. */
  readonly inputs?: Readonly<Record<string, Distribution>>;
}

/**
 * Yields cases named `random0`, `random1`, … Floats are standard normal; booleans are fair coins; 8-bit integers fill
 * their range, as images do; other integers stay in the range that the nodes taking them leave (see integer-ranges),
 * or between 0 and 9; strings are decimal numbers.
 * @throws RheobaseError as `inputSpecs`, before the first case.
 */
export function* seededCases(
  model: Model,
  { seed = 0, cases = 1, dims, distribution = STANDARD_NORMAL, inputs = {} }: SeededCasesOptions = {},
): Iterable<Case> {
  const specs = inputSpecs(model, dims);
  const distributions = new Map(
    specs.map((spec) => [spec.name, inputs[spec.name] ?? defaultDistribution(model, spec, distribution)]),
  );
  for (let index = 0; index < cases; index += 1) {
    const feeds = specs.map((spec) => {
      const stream = random(seed, `case ${index} input ${spec.name}`);
      return [spec.name, drawTensor(spec, distributions.get(spec.name) ?? distribution, stream)] as const;
    });
    yield { name: `random${index}`, feeds: Object.fromEntries(feeds) };
  }
}

const STANDARD_NORMAL: Distribution = { kind: 'normal', mean: 0, deviation: 1 };

function defaultDistribution(model: Model, { name, dtype }: InputSpec, forFloats: Distribution): Distribution {
  if (isFloat(dtype)) return forFloats;
  if (dtype === 'bool') return { kind: 'uniform', low: 0, high: 2 };
  const range = rangeOfInput(model, name);
  if (range !== null) return { kind: 'uniform', ...range };
  if (dtypeBits(dtype) !== 8) return { kind: 'uniform', low: 0, high: 10 };
  return dtypeKind(dtype) === 'int'
    ? { kind: 'uniform', low: -128, high: 128 }
    : { kind: 'uniform', low: 0, high: 256 };
}

function drawTensor({ dtype, shape }: InputSpec, distribution: Distribution, stream: Random): Tensor {
  if (distribution.kind === 'uniform') {
    const { low, high } = distribution;
    const draw = isFloat(dtype) ? () => low + (high - low) * stream.uniform() : () => integerIn(stream, low, high);
    return tensorFromNumbers(dtype, shape, draw);
  }
  const { mean, deviation } = distribution;
  const draw = () => mean + deviation * normal(stream);
  return tensorFromNumbers(dtype, shape, isFloat(dtype) ? draw : () => Math.round(draw()));
}
