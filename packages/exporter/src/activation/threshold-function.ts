/**
 * A threshold activation as one node: the call of a function that the model defines, with the lowering as its body. θ
 * is an argument, so that one function serves all thresholds of a kind, and a viewer shows where it comes from.
 */
import { defineFunction } from '../builder/define-function.js';
import type { Value } from '../builder/value.js';
import { resolveActivation } from './activations.js';
import type { FloatDType } from './float-dtype.js';
import type { Gate } from './gate.js';
import type { ExplicitLowering } from './threshold-options.js';

export function thresholdFunction<D extends FloatDType>(
  lowering: ExplicitLowering,
  gate: Gate<D>,
  lower: (lowering: ExplicitLowering, gate: Gate<D>) => Value<D>,
): Value<D> {
  const { name, docString } = describe(gate);
  const common = { domain: 'rheobase', outputs: ['y'], docString };
  if (lowering === 'thresholdedRelu') {
    // Its θ is an attribute of the body.
    return defineFunction(name, (x: Value<D>) => lower(lowering, { ...gate, x }), { ...common, inputs: ['x'] })(gate.x);
  }
  const body = (x: Value<D>, theta: Value<D>) =>
    lower(lowering, { ...gate, x, theta: { ...gate.theta, value: theta } });
  return defineFunction(name, body, { ...common, inputs: ['x', 'theta'] })(gate.x, gate.theta.value);
}

const FIRES = { greater: 'x > theta', greaterOrEqual: 'x >= theta', magnitude: '|x| > theta' } as const;

function describe({ activation, comparison }: Gate): { name: string; docString: string } {
  const where = `where ${FIRES[comparison]}, +0 elsewhere`;
  if (typeof activation === 'function') return { name: 'ThresholdFunction', docString: `y = f(x) ${where}` };
  const { name, parameters, row } = resolveActivation(activation);
  const numbers = Object.entries(parameters).map(([key, value]) => `, ${key} = ${value}`);
  return {
    name: name === 'identity' ? 'Threshold' : `Threshold${name[0].toUpperCase()}${name.slice(1)}`,
    docString: `y = f(x) ${where}; f(x) = ${row.formula}${numbers.join('')}`,
  };
}
