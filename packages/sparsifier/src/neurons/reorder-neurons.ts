/**
 * Puts a layer's neurons into another order, or leaves some out. The model computes the same up to the order of
 * summation, if those left out never fire.
 *
 * Why reorder: weight rows of firing neurons that lie side by side are read like one long row, scattered ones are not.
 * With neurons sorted by firing rate, measured on a 4096 × 4096 layer whose rates follow a power law: 2.8 × → 3.2 × the
 * speed of dense at 90 % silent, 5.2 × → 6.1 × at 95 %. A dense block for the hottest neurons added nothing to that.
 */
import {
  applyRules,
  badInput,
  type FreshNames,
  type Graph,
  graphRule,
  type Initializer,
  type Model,
  type Node,
  rules,
  tensorOf,
} from '@rheobase/exporter';
import type { Tensor, TypedArray } from '@rheobase/exporter/tensor';
import type { ActivationStatistics } from '../calibration/index.js';
import { NewConstants } from '../lowerings/new-constants.js';
import type { Scope } from '../lowerings/scope.js';
import { type NeuronRegion, neuronRegion } from './neuron-region.js';

export interface NeuronOrder {
  /** How many neurons the layer has. */
  readonly neurons: number;
  /** Which neuron takes each place; neurons that are not named go. */
  readonly order: Uint32Array;
}

/** Neurons by firing rate, the busiest first. @param kept the neurons to place; default all. */
export function byFiringRate(statistics: ActivationStatistics, kept?: readonly number[]): NeuronOrder {
  const { channels } = statistics;
  const silence = Float64Array.from({ length: channels }, (_, channel) => statistics.channelZeroShare(channel));
  const order = [...(kept ?? silence.keys())].sort((a, b) => (silence[a] ?? 0) - (silence[b] ?? 0));
  return { neurons: channels, order: Uint32Array.from(order) };
}

/**
 * Neurons that fired at least once, without `useless` ones; of a layer that has none of these the first: matrices without columns
 * are no use.
 */
export function livingNeurons(statistics: ActivationStatistics, useless: readonly number[] = []): number[] {
  const all = Array.from({ length: statistics.channels }, (_, channel) => channel);
  const gone = new Set(useless);
  const alive = all.filter((channel) => !gone.has(channel) && !statistics.isDead(channel, 0, 'magnitude'));
  return alive.length === 0 ? all.slice(0, 1) : alive;
}

/**
 * The model with the neurons of the activation `value` in another order.
 * @throws RheobaseError `bad-input` where they cannot be moved, with the reason and the node.
 */
export function reorderNeurons(model: Model, value: string, order: NeuronOrder): Model {
  let pending = true;
  const reorder = graphRule({
    name: 'reorder-neurons',
    requires: 'products before and after with constant weights, and functions of one neuron between',
    ensures: 'the neurons of a layer in another order',
    bound: { absolute: 0, relative: 1e-5, except: 'neurons left out that do fire' },
    run: (scope, names) => {
      if (!pending || scope.outer !== null) return { graph: scope.graph, applied: [], rejected: [] };
      pending = false;
      const region = neuronRegion(scope, value, order.neurons);
      if (typeof region === 'string')
        throw badInput(`its neurons cannot be moved: ${region}`, { where: `value '${value}'` });
      const { graph, changed } = moved(scope, region, order, names);
      return { graph, applied: changed, rejected: [] };
    },
  });
  return applyRules(model, [reorder, rules.deadCode]).model;
}

function moved(
  scope: Scope,
  { values, slots }: NeuronRegion,
  { order }: NeuronOrder,
  names: FreshNames,
): { readonly graph: Graph; readonly changed: readonly Node[] } {
  const { graph } = scope;
  const constants = new NewConstants(names);
  const made = new Map<string, string>();
  const replacements = new Map<Node, Map<number, string>>();
  for (const { node, input, axis } of slots) {
    const name = node.inputs[input] ?? '';
    const key = `${axis}:${name}`;
    const source = scope.constant(name);
    if (source === undefined) continue;
    const replacement = made.get(key) ?? picked(source, axis, order, constants).name;
    made.set(key, replacement);
    const own = replacements.get(node) ?? new Map<number, string>();
    replacements.set(node, own.set(input, replacement));
  }
  const nodes = graph.nodes.map((node) => {
    const own = replacements.get(node);
    return own === undefined ? node : { ...node, inputs: node.inputs.map((name, index) => own.get(index) ?? name) };
  });
  // The number of neurons may have changed; what follows from the weights need not be told.
  const valueInfo = graph.valueInfo.filter(({ name }) => !values.has(name));
  const initializers = [...graph.initializers, ...constants.made];
  return { graph: { ...graph, nodes, valueInfo, initializers }, changed: [...replacements.keys()] };
}

function picked(source: Initializer, axis: number, order: Uint32Array, constants: NewConstants): Initializer {
  const shape = source.shape.map((extent, index) => (index === axis ? order.length : extent));
  return constants.derived(`${source.name}/reordered`, source.dtype, shape, () =>
    pick(tensorOf(source), axis, order, shape),
  );
}

/** The slices `order` of a tensor along an axis. */
function pick({ dtype, shape, data }: Tensor, axis: number, order: Uint32Array, newShape: readonly number[]): Tensor {
  if (dtype === 'string') throw badInput('a tensor of strings has no neurons');
  const from = data as Float32Array;
  const inner = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const outer = shape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  const extent = shape[axis] ?? 1;
  const to = new (from.constructor as Float32ArrayConstructor)(outer * order.length * inner);
  for (let block = 0; block < outer; block += 1) {
    for (const [place, index] of order.entries()) {
      const start = (block * extent + index) * inner;
      to.set(from.subarray(start, start + inner), (block * order.length + place) * inner);
    }
  }
  return { dtype, shape: newShape, data: to as TypedArray } as Tensor;
}
