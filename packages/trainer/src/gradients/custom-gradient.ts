/**
 * Gradients of one's own: a value is declared to be a function of some inputs with a given rule, and differentiation
 * takes the rule instead of looking at how the value was really computed. So a step function gets a
 * pseudo-derivative, and a stable formula replaces what the chain rule would spell out.
 *
 * The forward graph stays as it is; the declaration is kept beside it.
 */
import type { Value } from '@rheobase/exporter';
import type { Source } from '../graph/values.js';

/** Gradients of the declared inputs, in order, from the gradient of the output; undefined is zero. */
export type CustomRule = (gradient: Value) => readonly (Value | undefined)[];

export interface Declaration {
  readonly output: Value;
  readonly inputs: readonly Value[];
  readonly rule: CustomRule;
}

const DECLARED = new WeakMap<Source, Declaration>();

/**
 * Declares `output` to be a function of `inputs` whose gradients `rule` gives. `rule` is called with a gradient that
 * may be smaller than the output (of a shape that broadcasts to it), and may answer such ones.
 * @returns `output`, for use in an expression.
 */
export function customGradient<V extends Value>(output: V, inputs: readonly Value[], rule: CustomRule): V {
  DECLARED.set(output.source, { output, inputs, rule });
  return output;
}

/** What was declared of a value, if anything. */
export function declarationOf(source: Source): Declaration | undefined {
  return DECLARED.get(source);
}
