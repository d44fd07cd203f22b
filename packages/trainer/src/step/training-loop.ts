/**
 * Many steps as one graph: a Scan that runs the step over a stack of batches. Parameters and optimizer state stay
 * inside the runtime from one step to the next, so that neither JavaScript nor a copy lies between two steps.
 *
 *     inputs   those of a step; x, y, learningRate, step and masks with a leading axis `steps`
 *     outputs  those of a step; loss, correct and active/… as vectors [steps]
 */
import {
  type BuildOptions,
  buildModel,
  type Dim,
  type Graph,
  input,
  type Model,
  makeNode,
  type Network,
  Value,
} from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { groupsOf, parameterVector } from './parameter-vector.js';
import { type GroupState, type StepGraph, type StepOptions, stepGraph } from './step-graph.js';
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
  const inner = Object.fromEntries(Object.keys(rates).map((name) => [name, input(`rate/${name}`, dtype, [])]));
  const held = new Map(
    names.map((name) => [name, vector.groups.map(({ size }, group) => input(`${name}.${group}`, dtype, [size]))]),
  );
  const graph = stepGraph(network, options, { state: (name, group) => (held.get(name) ?? [])[group], rates: inner });

  const whole = names.map((name): [string, Value] => [name, input(name, dtype, [vector.size])]);
  const stacked = Object.entries(graph.fed).map(([name, value]): [string, Value] => [name, stackOf(name, value)]);
  const results = makeNode(
    schemas.Scan,
    [
      ...whole.flatMap(([, value]) => groupsOf(vector, value)),
      ...stacked.map(([, value]) => value),
      ...Object.values(rates),
    ],
    { body: bodyOf(graph, inner, build), num_scan_inputs: stacked.length + Object.keys(rates).length },
    { outputs: graph.state.length + Object.keys(graph.told).length },
  );
  const finals = graph.state.map((state, index) => ({ ...state, final: typed(results[index], state.next.type) }));
  return buildModel({
    inputs: { ...Object.fromEntries([...stacked, ...whole]), learningRate, step },
    outputs: {
      ...stories(graph, results),
      ...wholeNext(names, vector.size, finals, ({ final }: GroupState & { final: Value }) => final),
    },
    ...build,
  });
}

/** The step as a body of Scan: state, then what it is fed; state, then what it tells. */
function bodyOf(
  { state, fed, told }: StepGraph,
  rates: Readonly<Record<string, Value>>,
  { opset }: Pick<BuildOptions, 'opset'>,
) {
  const named = Object.entries(rates).map(([name, value]) => [`rate/${name}`, value]);
  const before = state.map(({ now }, index) => [`state.${index}`, now]);
  const after = state.map(({ next }, index) => [`next.${index}`, next]);
  const { graph } = buildModel({
    inputs: { ...Object.fromEntries(before), ...fed, ...Object.fromEntries(named) },
    outputs: { ...Object.fromEntries(after), ...told },
    name: 'step',
    ...(opset === undefined ? {} : { opset }),
  });
  return prefixed(graph, 'step.');
}

/** Names within a body must differ from those around it: a body sees the graph it stands in. */
function prefixed(graph: Graph, prefix: string): Graph {
  const rename = (name: string) => (name === '' ? '' : `${prefix}${name}`);
  const renamed = <T extends { readonly name: string }>(one: T): T => ({ ...one, name: rename(one.name) });
  return {
    ...graph,
    inputs: graph.inputs.map(renamed),
    outputs: graph.outputs.map(renamed),
    initializers: graph.initializers.map(renamed),
    valueInfo: graph.valueInfo.map(renamed),
    nodes: graph.nodes.map((node) => ({
      ...renamed(node),
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
  };
}

/** An input of a step, once for every step. */
function stackOf(name: string, value: Value): Value {
  const shape: readonly Dim[] = ['steps', ...(value.shape ?? [])];
  return input(name, value.dtype, shape);
}

/** What the steps told, one after the other. */
function stories({ state, told }: StepGraph, results: readonly Value[]): Record<string, Value> {
  const entries = Object.entries(told).map(([name, { type }], index) => {
    const each = type.kind === 'tensor' ? { ...type, shape: ['steps', ...(type.shape ?? [])] } : type;
    return [name, typed(results[state.length + index], each)];
  });
  return Object.fromEntries(entries);
}

/** A result of Scan, of the type that the body gives it. */
function typed({ source }: Value, type: Value['type']): Value {
  return new Value(type, source);
}
