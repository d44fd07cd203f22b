/**
 * One step of training as a graph of standard operators: forward, loss, backward, update. Whatever runs the graph
 * trains.
 *
 *     inputs   x [batch, …]   y   parameters [P]   <slot> [P] …   learningRate []   step []   <layer>/kept … (dropout)
 *     outputs  loss []   correct []   active/<layer> [] …   nextParameters [P]   next/<slot> [P] …
 *
 * `step` counts from 1. `active/<layer>` is the number of active neurons, summed over the batch. Parameters and slots
 * are vectors over all trainable parameters (`parameter-vector.ts`).
 */
import { type BuildOptions, buildModel, input, type Model, type Network, type Value } from '@rheobase/exporter';
import { groupsOf, joinUp, parameterVector } from './parameter-vector.js';
import { fedTypes, type GroupState, type StepOptions, stepGraph } from './step-graph.js';

/** Name of the output that a state vector becomes. */
export function nextName(vector: string): string {
  return vector === 'parameters' ? 'nextParameters' : `next/${vector}`;
}

/** The step as a model; see the head of this file for inputs and outputs. */
export function trainingStep(
  network: Network,
  options: StepOptions,
  build: Pick<BuildOptions, 'opset' | 'metadata'> = {},
): Model {
  const { dtype } = network;
  const vector = parameterVector(network);
  const names = ['parameters', ...options.optimizer.slots];
  const whole = new Map(names.map((name): [string, Value] => [name, input(name, dtype, [vector.size])]));
  const groups = new Map(Array.from(whole, ([name, value]) => [name, groupsOf(vector, value)]));
  const learningRate = input('learningRate', dtype, []);
  const step = input('step', dtype, []);
  const types = Object.entries(fedTypes(network, options));
  const fed = Object.fromEntries(
    types.map(([name, type]): [string, Value] => [name, input(name, type.dtype, type.shape)]),
  );
  const mask = input('mask', 'bool', [vector.size]);
  const masks = groupsOf(vector, mask);
  const { state, told } = stepGraph(network, options, {
    fed,
    state: (name, group) => (groups.get(name) ?? [])[group],
    rates: options.optimizer.rates({ learningRate, step }),
    ...(options.masked ? { mask: (group) => masks[group] as Value<'bool'> } : {}),
  });
  return buildModel({
    inputs: { ...fed, ...Object.fromEntries(whole), ...(options.masked ? { mask } : {}), learningRate, step },
    outputs: { ...told, ...wholeNext(names, vector.size, state, ({ next }) => next) },
    ...build,
  });
}

/** The groups of each state vector joined up, by the name of its output. */
export function wholeNext<S extends Pick<GroupState, 'vector'>>(
  names: readonly string[],
  size: number,
  state: readonly S[],
  finalOf: (state: S) => Value,
): Record<string, Value> {
  return Object.fromEntries(
    names.map((name) => {
      const parts = state.filter(({ vector }) => vector === name).map(finalOf);
      return [nextName(name), joinUp(size, parts)];
    }),
  );
}
