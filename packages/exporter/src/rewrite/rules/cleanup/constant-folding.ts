/**
 * Nodes whose inputs are constants become constants themselves, computed by the evaluator (which has only what it can
 * compute exactly), and so do Shape and Size of values of known shape.
 */
import { canEvaluate, evaluate } from '../../../analysis/evaluate/index.js';
import type { KnownValue } from '../../../inference/index.js';
import { initializer } from '../../../model/initializer.js';
import type { Initializer, Node } from '../../../model/model.js';
import { type GraphRule, graphRule } from '../../rule.js';
import type { Scope } from '../../scope.js';

export interface FoldingOptions {
  /** Constants larger than this are left to the runtime. Default 64 KiB. */
  readonly maxBytes?: number;
}

export function constantFolding({ maxBytes = 2 ** 16 }: FoldingOptions = {}): GraphRule {
  return graphRule({
    name: 'constant-folding',
    requires: `a node that follows from constants and known shapes, its output at most ${maxBytes} bytes`,
    ensures: 'the constant itself',
    bound: 'bit-equal',
    run: (scope) => {
      const { graph } = scope;
      const folded = new Map<Node, Initializer>();
      const known = new Map<string, Initializer>();
      for (const node of graph.nodes) {
        if (!canEvaluate(node.opType) || node.outputs.some((name) => scope.isOutput(name))) continue;
        const result = evaluate(
          node,
          node.inputs.map((name) => knownValue(name, scope, known)),
          maxBytes,
        );
        if (result === undefined) continue;
        const constant = initializer(node.outputs[0], result);
        folded.set(node, constant);
        known.set(constant.name, constant);
      }
      if (folded.size === 0) return { graph, applied: [], rejected: [] };
      const nodes = graph.nodes.filter((node) => !folded.has(node));
      const initializers = [...graph.initializers, ...folded.values()];
      return { graph: { ...graph, nodes, initializers }, applied: [...folded.keys()], rejected: [] };
    },
  });
}

function knownValue(name: string, scope: Scope, folded: ReadonlyMap<string, Initializer>): KnownValue | undefined {
  if (name === '') return undefined;
  const content = folded.get(name)?.content;
  const constant = content?.kind === 'inline' ? content.data() : scope.tensor(name);
  const type = constant && ({ kind: 'tensor', dtype: constant.dtype, shape: constant.shape } as const);
  return { type: type ?? scope.typeOf(name) ?? { kind: 'unknown' }, constant };
}
