/**
 * A model whose neurons fire when they are told to: each threshold's decision becomes a graph input. Fed with the masks
 * of another backend, the baseline shows what that backend should have computed after its flips: whether they account
 * for all that differs further on, and whether flips of later layers only follow from them.
 */
import { type Graph, initializer, type Model, type Node, type ValueInfo, valueInfo } from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import { tensorFromNumbers } from '../cases/tensor-from-numbers.js';
import type { Threshold } from './thresholds.js';

/** Name of the boolean graph input that decides for a threshold. */
export function maskInputOf({ node }: Threshold): string {
  return `${node.outputs[0]}/fires`;
}

/** `dtypes` are the element types of the thresholds' x, in their order. */
export function withGivenMasks(model: Model, thresholds: readonly Threshold[], dtypes: readonly DType[]): Model {
  const decided = new Map(
    thresholds.map((threshold, i) => [threshold.index, { threshold, dtype: dtypes[i] ?? 'float32' }]),
  );
  const graph: Graph = {
    ...model.graph,
    inputs: [...model.graph.inputs, ...thresholds.map(maskInput)],
    initializers: [
      ...model.graph.initializers,
      ...[...decided.values()].map(({ threshold, dtype }) =>
        initializer(
          zeroOf(threshold),
          tensorFromNumbers(dtype, [], () => 0),
        ),
      ),
    ],
    nodes: model.graph.nodes.map((node, index) => {
      const threshold = decided.get(index)?.threshold;
      return threshold === undefined ? node : decidedNode(threshold);
    }),
  };
  return { ...model, graph };
}

function maskInput(threshold: Threshold): ValueInfo {
  return valueInfo(maskInputOf(threshold), { kind: 'tensor', dtype: 'bool', shape: null });
}

function zeroOf({ node }: Threshold): string {
  return `${node.outputs[0]}/zero`;
}

/** An operator that compares by itself lets x through where the neuron fires; a comparison is the mask itself. */
function decidedNode(threshold: Threshold): Node {
  const { node, x, theta } = threshold;
  const mask = maskInputOf(threshold);
  return typeof theta === 'number'
    ? { ...node, opType: 'Where', inputs: [mask, x, zeroOf(threshold)], attributes: [] }
    : { ...node, opType: 'Identity', inputs: [mask], attributes: [] };
}
