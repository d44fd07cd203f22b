/**
 * Random inputs for any model, from a seed. Each input of each case has a stream of its own, so that case 7 is the same
 * whether or not cases 0 to 6 were drawn, and an input keeps its values when the model gains another.
 */
import { badInput, type Model, random } from '@rheobase/exporter';
import { dtypeBits, dtypeKind, isFloat } from '@rheobase/exporter/tensor';
import type { Case, Dims } from './case.js';
import { type Distribution, drawTensor, type Range, uniformOver } from './distribution.js';
import { type InputSpec, inputSpecs } from './input-shapes.js';
import { rangeOfInput } from './integer-ranges.js';

export interface SeededCasesOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Default 1. */
  readonly cases?: number;
  readonly dims?: Dims;
  /** For floating-point inputs; default the standard normal distribution. */
  readonly distribution?: Distribution;
  /** For floating-point inputs: uniform over it, or the distribution asked for cut off at it. */
  readonly range?: Range;
  /** By input name, before everything else. */
  readonly inputs?: Readonly<Record<string, Distribution>>;
  /** By input name, as `range`, for inputs of any type. */
  readonly ranges?: Readonly<Record<string, Range>>;
}

/**
 * Yields cases named `random0`, `random1`, … Floats are standard normal; booleans are fair coins; 8-bit integers fill
 * their range, as images do; other integers stay in the range that the nodes taking them leave (see integer-ranges),
 * or between 0 and 9; strings are decimal numbers.
 * @throws RheobaseError as `inputSpecs`, and for names of `inputs` and `ranges` that no input has, before the first
 *   case; `bad-input` for a range that an input's type lacks.
 */
export function* seededCases(model: Model, options: SeededCasesOptions = {}): Iterable<Case> {
  const { seed = 0, cases = 1, dims, inputs = {}, ranges = {} } = options;
  const specs = inputSpecs(model, dims);
  requireInputs(specs, [...Object.keys(inputs), ...Object.keys(ranges)]);
  const spreads = specs.map((spec) => ({ spec, ...spreadOf(model, spec, options) }));
  for (let index = 0; index < cases; index += 1) {
    const feeds = spreads.map(({ spec, distribution, range }) => {
      const stream = random(seed, `case ${index} input ${spec.name}`);
      return [spec.name, drawTensor(spec, distribution, stream, range)] as const;
    });
    yield { name: `random${index}`, feeds: Object.fromEntries(feeds) };
  }
}

const STANDARD_NORMAL: Distribution = { kind: 'normal', mean: 0, deviation: 1 };

interface Spread {
  readonly distribution: Distribution;
  readonly range: Range | undefined;
}

/** A range alone asks for the uniform distribution; with a distribution, for that distribution inside it. */
function spreadOf(model: Model, spec: InputSpec, options: SeededCasesOptions): Spread {
  const isReal = isFloat(spec.dtype);
  const range = options.ranges?.[spec.name] ?? (isReal ? options.range : undefined);
  const asked = options.inputs?.[spec.name] ?? (isReal ? options.distribution : undefined);
  if (asked !== undefined) return { distribution: asked, range };
  const distribution = range === undefined ? defaultDistribution(model, spec) : uniformOver(range, spec.dtype);
  return { distribution, range };
}

function requireInputs(specs: readonly InputSpec[], names: readonly string[]): void {
  const unknown = names.find((name) => specs.every((spec) => spec.name !== name));
  if (unknown === undefined) return;
  throw badInput('the model has no such input', {
    where: `input ${unknown}`,
    remedy: `its inputs are ${specs.map(({ name }) => name).join(', ') || 'none'}`,
  });
}

function defaultDistribution(model: Model, { name, dtype }: InputSpec): Distribution {
  if (isFloat(dtype)) return STANDARD_NORMAL;
  if (dtype === 'bool') return { kind: 'uniform', low: 0, high: 2 };
  const range = rangeOfInput(model, name);
  if (range !== null) return { kind: 'uniform', ...range };
  if (dtypeBits(dtype) !== 8) return { kind: 'uniform', low: 0, high: 10 };
  return dtypeKind(dtype) === 'int'
    ? { kind: 'uniform', low: -128, high: 128 }
    : { kind: 'uniform', low: 0, high: 256 };
}
