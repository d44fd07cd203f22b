/**
 * Runs rules over a model: its graph, subgraphs (which see the values around them) and local functions, again and
 * again until no rule applies. The model given is not changed; names of graph inputs and outputs stay.
 */

import { bodyGraph } from '../analysis/calls.js';
import { constantNode } from '../analysis/constant-node.js';
import { mapSubgraphs } from '../analysis/reads.js';
import { RheobaseError } from '../errors.js';
import type { Graph, LocalFunction, Model, Node } from '../model/model.js';
import { nodeName } from '../model/queries.js';
import { applyPatternRule } from './apply-rule.js';
import { ModelNames } from './names.js';
import type { Rule } from './rule.js';
import { Scope, type TypeLookup } from './scope.js';
import { labelOf } from './try-rule.js';
import { modelTypes } from './types.js';

export interface RewriteResult {
  readonly model: Model;
  readonly applied: readonly AppliedRule[];
  /** Places that look like the rule's pattern, and why it was not applied there. */
  readonly rejected: readonly RejectedRule[];
}

export interface AppliedRule {
  readonly rule: string;
  /** The node that was replaced, by name, or by its first output where it has none. */
  readonly node: string;
}

export interface RejectedRule extends AppliedRule {
  /** What was required. */
  readonly condition: string;
  /** What is there instead. */
  readonly reason: string;
}

/**
 * Applies rules until none applies any more.
 * @throws RheobaseError `bad-input` where rules undo each other.
 */
export function applyRules(model: Model, rules: readonly Rule[]): RewriteResult {
  const run = new Run(model);
  let current = model;
  for (;;) {
    const before = run.applied.length;
    run.rejected = [];
    for (const rule of rules) current = run.rule(rule, current);
    if (run.applied.length === before) return { model: current, applied: run.applied, rejected: run.rejected };
  }
}

class Run {
  readonly applied: AppliedRule[] = [];
  rejected: RejectedRule[] = [];
  private readonly names: ModelNames;
  private readonly limit: number;

  constructor(model: Model) {
    this.names = new ModelNames(model);
    this.limit = 100 + 50 * countNodes(model);
  }

  rule(rule: Rule, model: Model): Model {
    const types = modelTypes(model);
    const graph = this.graph(rule, model.graph, model.opsets, null, types.graph);
    const functions = mapSame(model.functions, (fn) => this.function(rule, fn, types.function(fn)));
    return graph === model.graph && functions === model.functions ? model : { ...model, graph, functions };
  }

  private graph(
    rule: Rule,
    graph: Graph,
    opsets: Model['opsets'],
    outer: Scope | null,
    types: (graph: Graph) => TypeLookup,
  ): Graph {
    let current = graph;
    const inferred = types(graph);
    for (;;) {
      const around = new Scope(current, opsets, outer, inferred);
      const nodes = mapSame(current.nodes, (node) =>
        mapSubgraphs(node, (inner) => this.graph(rule, inner, opsets, around, types)),
      );
      const scope = nodes === current.nodes ? around : new Scope({ ...current, nodes }, opsets, outer, inferred);
      const result = rule.kind === 'pattern' ? applyPatternRule(rule, scope, this.names) : rule.run(scope, this.names);
      current = result.graph;
      if (result.applied.length === 0) {
        for (const { node, condition, reason } of result.rejected) {
          this.rejected.push({ rule: rule.name, node: nodeName(node), condition, reason });
        }
        return current;
      }
      for (const node of result.applied) this.record(rule, node);
    }
  }

  /** A function's body is rewritten as a graph whose inputs have no types; its constants are Constant nodes. */
  private function(rule: Rule, fn: LocalFunction, types: TypeLookup): LocalFunction {
    const body = bodyGraph(fn);
    const rewritten = this.graph(rule, body, fn.opsets, null, () => types);
    if (rewritten === body || rewritten.nodes === fn.nodes) return fn;
    const constants = rewritten.initializers.map(constantNode);
    return { ...fn, nodes: [...constants, ...rewritten.nodes], valueInfo: rewritten.valueInfo };
  }

  private record(rule: Rule, node: Node): void {
    this.applied.push({ rule: rule.name, node: nodeName(node) });
    if (this.applied.length <= this.limit) return;
    const recent = [...new Set(this.applied.slice(-10).map((entry) => entry.rule))];
    throw new RheobaseError('bad-input', `the rules ${recent.join(', ')} undo each other`, {
      where: `node ${labelOf(node)}`,
      remedy: 'apply them one after the other',
    });
  }
}

function countNodes({ graph, functions }: Model): number {
  const inGraph = ({ nodes }: Pick<Graph, 'nodes'>): number =>
    nodes.reduce((sum, node) => {
      let inner = 0;
      mapSubgraphs(node, (graph) => {
        inner += inGraph(graph);
        return graph;
      });
      return sum + 1 + inner;
    }, 0);
  return inGraph(graph) + functions.reduce((sum, fn) => sum + inGraph(fn), 0);
}

function mapSame<T>(list: readonly T[], map: (item: T) => T): readonly T[] {
  const mapped = list.map(map);
  return mapped.every((item, index) => item === list[index]) ? list : mapped;
}
