/**
 * The nodes of one threshold, made by the same lowerings that build a threshold activation from values, and renamed to
 * stand between two values of an existing graph.
 */
import { type ThresholdOptions, thresholdActivation } from '../../activation/index.js';
import { renameReads } from '../../analysis/reads.js';
import { buildModel, input, LOWEST_OPSET } from '../../builder/index.js';
import type { Initializer, Node, TensorType } from '../../model/model.js';
import type { FreshNames } from '../rule.js';

export type GateOptions = Pick<ThresholdOptions, 'axis' | 'comparison' | 'lowering' | 'force' | 'target'>;

/** θ: fixed numbers, or the name of a value of the graph, with its type. */
export type GateThreshold =
  | { readonly kind: 'fixed'; readonly numbers: number | readonly number[] }
  | { readonly kind: 'value'; readonly name: string; readonly shape: readonly number[] };

export interface GateNodes {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly lowering: 'where' | 'thresholdedRelu' | 'multiply';
}

export interface GatePlace {
  /** The value to gate, and the name of the gated one. */
  readonly from: string;
  readonly to: string;
  readonly type: TensorType;
  readonly opset: number;
}

/** @throws RheobaseError `bad-input` or `inexact` as `thresholdActivation`. */
export function gateNodes(
  { from, to, type, opset }: GatePlace,
  threshold: GateThreshold,
  options: GateOptions,
  names: FreshNames,
): GateNodes {
  const x = input('x', type.dtype as 'float32', type.shape);
  const theta = threshold.kind === 'value' ? input('theta', type.dtype as 'float32', threshold.shape) : undefined;
  // Values are built for opset 13 and later; older models get nodes whose operators they have, which is checked.
  const buildOpset = Math.max(opset, LOWEST_OPSET);
  const fixed = threshold.kind === 'fixed' ? threshold.numbers : 0;
  const y = thresholdActivation(x, { ...options, threshold: theta ?? fixed, opset: buildOpset });
  const inputs = theta === undefined ? [x] : [x, theta];
  const { graph } = buildModel({ inputs, outputs: { y }, opset: buildOpset });

  const given = new Map([
    ['x', from],
    ['y', to],
    ...(threshold.kind === 'value' ? [['theta', threshold.name] as const] : []),
  ]);
  const renamed = new Map<string, string>();
  const rename = (name: string): string => {
    const known = given.get(name) ?? renamed.get(name);
    if (known !== undefined || name === '') return known ?? name;
    const fresh = names.fresh(`${to}/${name}`);
    renamed.set(name, fresh);
    return fresh;
  };
  return {
    nodes: graph.nodes.map((node) => ({
      ...renameReads(node, rename),
      name: names.fresh(`${to}/${node.opType}`),
      outputs: node.outputs.map(rename),
    })),
    initializers: graph.initializers.map((initializer) => ({ ...initializer, name: rename(initializer.name) })),
    lowering: loweringOf(graph.nodes),
  };
}

function loweringOf(nodes: readonly Node[]): GateNodes['lowering'] {
  if (nodes.some(({ opType }) => opType === 'ThresholdedRelu')) return 'thresholdedRelu';
  return nodes.some(({ opType }) => opType === 'Where') ? 'where' : 'multiply';
}
