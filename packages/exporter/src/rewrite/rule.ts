/**
 * A rewrite rule is data: the pattern it looks for, the condition under which it may, what it puts instead, and a
 * promise about the numbers. Rules are small and each sees one thing; `applyRules` runs them together until none
 * applies any more, so that long spellings are undone step by step.
 */
import type { Attribute, Graph, Node } from '../model/model.js';
import type { DType, Tensor } from '../tensor/index.js';
import type { Match } from './match.js';
import type { Pattern } from './pattern.js';
import type { Scope } from './scope.js';

/**
 * How far the rewritten model's values may lie from the original's. `|y' - y| <= absolute + relative * |y|`, except
 * for what `except` names (null: no exception).
 */
export type Bound =
  | 'bit-equal'
  | { readonly absolute: number; readonly relative: number; readonly except: string | null };

interface RuleFacts {
  readonly name: string;
  /** When it applies, in words. */
  readonly requires: string;
  /** What holds afterwards, in words. */
  readonly ensures: string;
  readonly bound: Bound;
}

export interface PatternRule extends RuleFacts {
  readonly kind: 'pattern';
  readonly pattern: Pattern;
  /** Oldest ai.onnx opset that has the operators of the replacement; default: any. */
  readonly opset: number;
  /** A condition beyond the pattern: true, or the reason why not. */
  readonly when: (match: Match) => true | string;
  /**
   * Makes the replacement and answers the value that takes the place of the matched root's output: a new one, a
   * captured one, or for a root with several outputs one for each.
   */
  readonly replace: (match: Match, build: Build) => string | readonly string[];
}

/** A rule over a whole graph (subgraphs come by themselves, innermost first). */
export interface GraphRule extends RuleFacts {
  readonly kind: 'graph';
  readonly run: (scope: Scope, names: FreshNames) => GraphRuleResult;
}

export type Rule = PatternRule | GraphRule;

export interface GraphRuleResult {
  readonly graph: Graph;
  /** The nodes that changed. */
  readonly applied: readonly Node[];
  readonly rejected: readonly { readonly node: Node; readonly condition: string; readonly reason: string }[];
}

/** Gives names that the model does not have yet. */
export interface FreshNames {
  /** `wanted` itself where it is free, else with a number. */
  fresh(wanted: string): string;
}

/** Makes the nodes and constants of a replacement. */
export interface Build {
  /** Adds a node with one output, and answers the output's name. */
  op(opType: string, inputs: readonly string[], attributes?: readonly Attribute[]): string;
  /** Adds a node with `count` outputs. */
  ops(opType: string, inputs: readonly string[], count: number, attributes?: readonly Attribute[]): readonly string[];
  /** Adds a constant. Equal ones of one replacement are one. */
  constant(tensor: Tensor): string;
  /** A scalar constant of a numeric type. */
  scalar(dtype: DType, value: number): string;
}

export type PatternRuleDefinition = RuleFacts &
  Pick<PatternRule, 'pattern' | 'replace'> &
  Partial<Pick<PatternRule, 'opset' | 'when'>>;

/** A rule that replaces what a pattern matches. */
export function rule(definition: PatternRuleDefinition): PatternRule {
  return { opset: 0, when: () => true, ...definition, kind: 'pattern' };
}

/** A rule that rewrites a whole graph. */
export function graphRule(definition: Omit<GraphRule, 'kind'>): GraphRule {
  return { ...definition, kind: 'graph' };
}
