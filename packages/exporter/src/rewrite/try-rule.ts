/**
 * One rule at one node: does the pattern match, may the rule apply, and which nodes, constants and names would change.
 * Nothing is changed here; the answer is either an edit or the reason why there is none.
 */

import { readsOf, renameReads } from '../analysis/reads.js';
import type { Initializer, Node } from '../model/model.js';
import { type Match, matchAt } from './match.js';
import { patternSize } from './pattern.js';
import { Replacement } from './replacement.js';
import type { FreshNames, PatternRule } from './rule.js';

export interface Edit {
  readonly kind: 'edit';
  readonly root: Node;
  /** Nodes that go, the root among them. */
  readonly removed: ReadonlySet<Node>;
  /** Every node the match rests on. */
  readonly matched: ReadonlySet<Node>;
  /** Nodes to put in the root's place. */
  readonly nodes: readonly Node[];
  readonly constants: readonly Initializer[];
  /** Constants that may now be unused. */
  readonly released: ReadonlySet<string>;
  /** Existing values that take the place of an output of the root: [the root's output, the value]. */
  readonly redirects: readonly (readonly [string, string])[];
}

export interface Refusal {
  readonly kind: 'refusal';
  readonly node: Node;
  readonly condition: string;
  readonly reason: string;
  /** False where the node has little in common with the pattern, so that nobody expects the rule to apply. */
  readonly nearMiss: boolean;
}

export function tryRule(rule: PatternRule, root: Node, scope: Match['scope'], names: FreshNames): Edit | Refusal {
  const match = matchAt(rule.pattern, root, scope);
  if (!match.matched) {
    const { node, condition, reason, depth } = match;
    return { kind: 'refusal', node, condition, reason, nearMiss: depth > patternSize(rule.pattern) / 2 };
  }
  const refuse = (condition: string, reason: string, node = root): Refusal => {
    return { kind: 'refusal', node, condition, reason, nearMiss: true };
  };
  if (scope.opset < rule.opset) {
    return refuse(`opset ${rule.opset} or newer`, `the model imports opset ${scope.opset}`);
  }
  const allowed = rule.when(match);
  if (allowed !== true) return refuse(rule.requires, allowed);

  const replacement = new Replacement(root.outputs[0], names);
  const answered = rule.replace(match, replacement);
  const results = typeof answered === 'string' ? [answered] : answered;
  const removed = removedNodes(match, replacement.nodes, results);
  return (
    usedElsewhere(match, removed, results.length, refuse) ??
    widenedByConstant(match, replacement.nodes, refuse) ??
    edit(match, replacement, results, removed)
  );
}

type Refuse = (condition: string, reason: string, node?: Node) => Refusal;

/** Matched nodes that the replacement does not build upon. */
function removedNodes({ root, bindings }: Match, added: readonly Node[], results: readonly string[]): Set<Node> {
  const needed = new Set([...results, ...added.flatMap((node) => [...readsOf(node)])]);
  const removed = new Set(bindings.matched);
  const keep = (name: string) => {
    for (const node of removed) {
      if (node === root || !node.outputs.includes(name)) continue;
      removed.delete(node);
      for (const read of readsOf(node)) keep(read);
    }
  };
  for (const name of needed) keep(name);
  return removed;
}

function usedElsewhere(
  { root, scope, bindings }: Match,
  removed: ReadonlySet<Node>,
  replaced: number,
  refuse: Refuse,
): Refusal | undefined {
  const condition = 'inner values are used nowhere else';
  for (const node of removed) {
    const inner = node === root ? node.outputs.slice(replaced) : node.outputs;
    for (const name of inner) {
      if (name === '') continue;
      if (scope.isOutput(name)) return refuse(condition, `'${name}' is a graph output`, node);
      const reader = scope.readersOf(name).find((candidate) => !bindings.matched.has(candidate));
      if (reader !== undefined) return refuse(condition, `'${name}' is also read by ${labelOf(reader)}`, node);
    }
  }
  return undefined;
}

/**
 * A constant of one element but with dimensions ([1], [1, 1]) raises the rank of what it is combined with. Where the
 * replacement drops it, a captured value must be known to have that rank anyway.
 */
function widenedByConstant({ scope, bindings }: Match, added: readonly Node[], refuse: Refuse): Refusal | undefined {
  const read = new Set(added.flatMap(({ inputs }) => inputs));
  const dropped = [...bindings.constants].filter((name) => !read.has(name));
  const rank = Math.max(0, ...dropped.map((name) => scope.constant(name)?.shape.length ?? 0));
  if (rank === 0) return undefined;
  const values = [...bindings.values.values()].filter((name) => !bindings.constants.has(name));
  if (values.some((name) => (scope.rankOf(name) ?? 0) >= rank)) return undefined;
  const name = dropped.find((candidate) => scope.constant(candidate)?.shape.length === rank);
  return refuse('constants do not widen the result', `'${name}' has ${rank} dimensions, and no operand is known to`);
}

function edit(match: Match, { nodes, constants }: Replacement, results: readonly string[], removed: Set<Node>): Edit {
  const { root, bindings } = match;
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const renames = new Map<string, string>();
  const redirects: [string, string][] = [];
  for (const [index, result] of results.entries()) {
    const output = root.outputs[index];
    if (made.has(result) && !renames.has(result)) renames.set(result, output);
    else redirects.push([output, renames.get(result) ?? result]);
  }
  const rename = (name: string) => renames.get(name) ?? name;
  const renamed = nodes.map((node) => ({ ...renameReads(node, rename), outputs: node.outputs.map(rename) }));
  const { matched, constants: released } = bindings;
  return { kind: 'edit', root, removed, matched, nodes: renamed, constants, released, redirects };
}

/** A node by its name, or by its first output where it has none. */
export function labelOf({ name, opType, outputs }: Node): string {
  return name === '' ? `${opType} of '${outputs[0]}'` : `${name} (${opType})`;
}
