/**
 * Many steps as one graph: a Scan that runs the step over a stack of batches. Parameters and optimizer state stay
 * inside the runtime from one step to the next, so that neither JavaScript nor a copy lies between two steps.
 *
 *     inputs   those of a step; x, y, learningRate, step and masks with a leading axis `steps`
 *     outputs  those of a step; loss, correct and active/… as vectors [steps]
 */
import { type BuildOptions, buildModel, input, type Model, type Network, op, type Value } from '@rheobase/exporter';
import { groupsOf, parameterVector } from './parameter-vector.js';
import { fedTypes, type GroupState, type StepOptions, stepGraph } from './step-graph.js';
import { wholeNext } from './training-step.js';

export function trainingLoop(
  network: Network,
  options: StepOptions,
  build: Pick<BuildOptions, 'opset' | 'metadata'> = {},
): Model {
  const { dtype } = network;
  const { optimizer } = options;
  const vector = parameterVector(network);
  const names = ['parameters', ...optimizer.slots];

  const learningRate = input('learningRate', dtype, ['steps']);
  const step = input('step', dtype, ['steps']);
  // Known for all steps at once, so computed for all at once, outside the loop.
  const rates = optimizer.rates({ learningRate, step });
  const whole = names.map((name): [string, Value] => [name, input(name, dtype, [vector.size])]);
  const stacks = Object.entries(fedTypes(network, options)).map(([name, type]): [string, Value] => [
    name,
    input(name, type.dtype, ['steps', ...type.shape]),
  ]);

  const mask = input('mask', 'bool', [vector.size]);
  const masks = groupsOf(vector, mask);
  let groups: readonly GroupState[] = [];
  let told: readonly string[] = [];
  const scanned = [...stacks, ...Object.entries(rates)];
  const { state, collected } = op.scan(
    {
      state: whole.flatMap(([, value]) => groupsOf(vector, value)),
      inputs: scanned.map(([, value]) => value),
    },
    (held, slices) => {
      const sliced = slices.map((slice, index): [string, Value] => [scanned[index][0], slice]);
      const graph = stepGraph(network, options, {
        state: (name, group) => held[names.indexOf(name) * vector.groups.length + group],
        fed: Object.fromEntries(sliced.slice(0, stacks.length)),
        rates: Object.fromEntries(sliced.slice(stacks.length)),
        ...(options.masked ? { mask: (group) => masks[group] as Value<'bool'> } : {}),
      });
      groups = graph.state;
      told = Object.keys(graph.told);
      return { state: graph.state.map(({ next }) => next), collect: Object.values(graph.told) };
    },
  );
  const finals = groups.map(({ vector: name }, index) => ({ vector: name, final: state[index] }));
  return buildModel({
    inputs: { ...Object.fromEntries([...stacks, ...whole]), ...(options.masked ? { mask } : {}), learningRate, step },
    outputs: {
      ...Object.fromEntries(told.map((name, index) => [name, collected[index] as Value])),
      ...wholeNext(names, vector.size, finals, ({ final }) => final),
    },
    ...build,
  });
}
