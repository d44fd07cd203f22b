/**
 * One pass of one pattern rule over one graph. All matches are found on the graph as it was; a match that overlaps an
 * earlier one waits for the next pass. The edits are then carried out together.
 */

import { definedNames, readsOf, renameReads } from '../analysis/reads.js';
import type { Graph, Node } from '../model/model.js';
import { rootTypes } from './pattern.js';
import type { FreshNames, GraphRuleResult, PatternRule } from './rule.js';
import type { Scope } from './scope.js';
import { type Edit, type Refusal, tryRule } from './try-rule.js';

export function applyPatternRule(rule: PatternRule, scope: Scope, names: FreshNames): GraphRuleResult {
  const { graph } = scope;
  const roots = new Set(rootTypes(rule.pattern));
  const plan = new Plan(scope);
  const rejected: Refusal[] = [];
  for (const node of graph.nodes) {
    if (node.domain !== '' || !roots.has(node.opType) || plan.isTouched(node)) continue;
    const attempt = tryRule(rule, node, scope, names);
    const refusal = attempt.kind === 'edit' ? plan.add(attempt) : attempt;
    if (refusal?.nearMiss) rejected.push(refusal);
  }
  return {
    graph: plan.edits.length === 0 ? graph : plan.carryOut(),
    applied: plan.edits.map(({ root }) => root),
    rejected,
  };
}

/** Edits of one graph that do not get in each other's way. */
class Plan {
  readonly edits: Edit[] = [];
  private readonly touched = new Set<Node>();
  /** What each renamed value is called afterwards. */
  private readonly renames = new Map<string, string>();

  constructor(private readonly scope: Scope) {}

  isTouched(node: Node): boolean {
    return this.touched.has(node);
  }

  /** Takes an edit in, unless it overlaps an earlier one (then it waits), or says why it cannot be. */
  add(edit: Edit): Refusal | undefined {
    if ([...edit.matched].some((node) => this.touched.has(node))) return undefined;
    const renames: [string, string][] = [];
    for (const [output, value] of edit.redirects) {
      const target = this.current(value);
      if (!this.scope.isOutput(output)) {
        renames.push([output, target]);
        continue;
      }
      const producer = this.scope.producer(target);
      if (producer === undefined || this.scope.isOutput(target) || this.touched.has(producer)) {
        const reason = `graph output '${output}' would have no node of its own: it would be '${target}'`;
        return {
          kind: 'refusal',
          node: edit.root,
          condition: 'graph outputs keep their names',
          reason,
          nearMiss: true,
        };
      }
      this.touched.add(producer);
      renames.push([target, output]);
    }
    for (const [from, to] of renames) this.renames.set(from, to);
    for (const node of edit.matched) this.touched.add(node);
    this.edits.push(edit);
    return undefined;
  }

  carryOut(): Graph {
    const { graph } = this.scope;
    const byRoot = new Map(this.edits.map((edit) => [edit.root, edit]));
    const removed = new Set(this.edits.flatMap((edit) => [...edit.removed]));
    const current = (name: string) => this.current(name);
    const nodes = graph.nodes
      .flatMap((node) => byRoot.get(node)?.nodes ?? (removed.has(node) ? [] : [node]))
      .map((node) => this.renamed(node, current));
    const initializers = [...graph.initializers, ...this.edits.flatMap(({ constants }) => constants)];
    return withoutUnused(
      { ...graph, nodes, initializers },
      new Set(this.edits.flatMap(({ released }) => [...released])),
    );
  }

  private current(name: string): string {
    let now = name;
    for (let next = this.renames.get(now); next !== undefined; next = this.renames.get(now)) now = next;
    return now;
  }

  private renamed(node: Node, current: (name: string) => string): Node {
    const reading = renameReads(node, current);
    const outputs = node.outputs.map(current);
    return outputs.every((name, index) => name === node.outputs[index]) ? reading : { ...reading, outputs };
  }
}

/** Drops those of the named constants that nothing reads any more, and types of values that are gone. */
function withoutUnused(graph: Graph, released: ReadonlySet<string>): Graph {
  const read = new Set(graph.nodes.flatMap((node) => [...readsOf(node)]));
  for (const { name } of [...graph.inputs, ...graph.outputs]) read.add(name);
  const unused = (name: string) => released.has(name) && !read.has(name);
  const initializers = graph.initializers.filter(({ name }) => !unused(name));
  const nodes = graph.nodes.filter(({ opType, outputs }) => opType !== 'Constant' || !unused(outputs[0]));
  return withoutStaleTypes({ ...graph, nodes, initializers });
}

/** The same graph without types of values that it no longer has. */
export function withoutStaleTypes(graph: Graph): Graph {
  const defined = definedNames(graph);
  const valueInfo = graph.valueInfo.filter(({ name }) => defined.has(name));
  return valueInfo.length === graph.valueInfo.length ? graph : { ...graph, valueInfo };
}
