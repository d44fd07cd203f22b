/**
 * The contract of a check rule: it sees the whole model and answers what is wrong, each finding with the node it is
 * about. A rule finds one kind of fault and assumes nothing of the others: it must not fail on a model that breaks them.
 */
import type { ModelTypes, TypeProblem } from '../analysis/model-types.js';
import type { Model, Node } from '../model/model.js';
import type { Body } from './bodies.js';

export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Name of the rule that found it: `opset`, `arity`, `dangling-name`, … */
  readonly rule: string;
  /** Name of the node, or of its first output where it has no name; null where it is about no node. */
  readonly node: string | null;
  readonly message: string;
}

/** What rules look at: the model, and what more than one of them needs to know. */
export interface Checked {
  readonly model: Model;
  /** Main graph, subgraphs and function bodies, outer ones first. */
  readonly bodies: readonly Body[];
  readonly types: ModelTypes;
  readonly typeProblems: readonly TypeProblem[];
}

export interface Finding {
  readonly severity: Problem['severity'];
  readonly node: Node | null;
  readonly message: string;
}

export interface CheckRule {
  readonly name: string;
  readonly check: (checked: Checked) => Iterable<Finding>;
}

export function error(node: Node | null, message: string): Finding {
  return { severity: 'error', node, message };
}

export function warning(node: Node | null, message: string): Finding {
  return { severity: 'warning', node, message };
}
