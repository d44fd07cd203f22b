/** Why a rule does not apply at one node, asked for by name: also where it has little in common with the pattern. */
import { subgraphsOf } from '../analysis/reads.js';
import { badInput } from '../errors.js';
import type { Graph, Model, Node } from '../model/model.js';
import { nodeName } from '../model/queries.js';
import type { RejectedRule } from './apply-rules.js';
import { ModelNames } from './names.js';
import { describePattern } from './pattern.js';
import type { PatternRule } from './rule.js';
import { Scope } from './scope.js';
import { tryRule } from './try-rule.js';
import { modelTypes } from './types.js';

/**
 * The reason why a rule does not apply to the node of a name (or with an output of that name) in the main graph or a
 * subgraph; null where it does apply.
 * @throws RheobaseError `bad-input` where the model has no such node.
 */
export function whyNot(model: Model, rule: PatternRule, node: string): RejectedRule | null {
  const types = modelTypes(model);
  const search = (graph: Graph, outer: Scope | null): { root: Node; scope: Scope } | undefined => {
    const scope = new Scope(graph, model.opsets, outer, types.graph(graph));
    for (const candidate of graph.nodes) {
      if (candidate.name === node || candidate.outputs.includes(node)) return { root: candidate, scope };
      for (const inner of subgraphsOf(candidate)) {
        const found = search(inner, scope);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  const found = search(model.graph, null);
  if (found === undefined) throw badInput(`the model has no node '${node}'`);
  const attempt = tryRule(rule, found.root, found.scope, new ModelNames(model));
  if (attempt.kind === 'edit') return null;
  const { condition, reason, node: at } = attempt;
  const pattern = describePattern(rule.pattern);
  return { rule: rule.name, node: nodeName(at), condition: `${condition} in ${pattern}`, reason };
}
