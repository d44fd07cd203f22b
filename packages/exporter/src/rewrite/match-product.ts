/**
 * Products cut into factors: a tree of multiplications (and divisions by constants) is opened from its root, scalar
 * constants are multiplied into one number, and the remaining leaves are matched with the pattern's factors in any
 * order. A factor of the pattern can itself be a product in the graph, so every way of opening the tree is tried; trees
 * are as small as the formulas people write.
 */

import { elementNumbers } from '../analysis/elements.js';
import type { Node } from '../model/model.js';
import { type DType, sizeOf } from '../tensor/index.js';
import { precision } from './conditions.js';
import { type Bindings, deeper, type Search, withNode } from './match.js';
import { describePattern, type Pattern, type ProductPattern } from './pattern.js';
import type { Scope } from './scope.js';

interface Cut {
  readonly scale: number;
  /** The least precise element type among the constants. */
  readonly coarsest: DType;
  /** Names of the factors that are not scalar constants. */
  readonly leaves: readonly string[];
  readonly opened: readonly Node[];
  readonly constants: readonly string[];
}

export function* matchProduct(
  search: Search,
  pattern: ProductPattern,
  root: Node,
  before: Bindings,
): Generator<Bindings> {
  const limit = pattern.factors.length;
  for (const cut of openNode(root, search.scope, limit, 0)) {
    if (cut.leaves.length !== limit) continue;
    let bindings = deeper(before);
    for (const node of cut.opened) bindings = withNode(bindings, node);
    bindings = { ...bindings, constants: new Set([...bindings.constants, ...cut.constants]) };
    if (pattern.as !== undefined)
      bindings = { ...bindings, numbers: new Map(bindings.numbers).set(pattern.as, cut.scale) };
    const answer = pattern.scale(cut.scale, cut.coarsest);
    if (answer !== true) {
      search.fail(bindings, root, `the constant factor of ${describePattern(pattern)}`, answer);
      continue;
    }
    yield* assign(search, pattern.factors, cut.leaves, root, bindings);
  }
}

/** Matches every factor with a leaf of its own, in any order. */
function* assign(
  search: Search,
  [factor, ...others]: readonly Pattern[],
  leaves: readonly string[],
  reader: Node,
  before: Bindings,
): Generator<Bindings> {
  if (factor === undefined) {
    yield before;
    return;
  }
  for (const [index, leaf] of leaves.entries()) {
    if (leaves.indexOf(leaf) !== index) continue;
    const rest = leaves.toSpliced(index, 1);
    for (const bindings of search.value(factor, leaf, reader, before)) {
      yield* assign(search, others, rest, reader, bindings);
    }
  }
}

/** Deeper than any formula is nested; keeps long chains of multiplications from being opened as one product. */
const MAX_NESTING = 8;

function* openNode(node: Node, scope: Scope, limit: number, nesting: number): Generator<Cut> {
  if (node.domain !== '' || node.inputs.length !== 2 || nesting > MAX_NESTING) return;
  const [a, b] = node.inputs;
  if (node.opType === 'Mul') {
    const leftLimit = scalar(b, scope) === undefined ? limit - 1 : limit;
    for (const left of openValue(a, scope, leftLimit, nesting)) {
      for (const right of openValue(b, scope, limit - left.leaves.length, nesting)) yield join(node, left, right);
    }
  }
  if (node.opType === 'Div') {
    const divisor = scalar(b, scope);
    if (divisor === undefined) return;
    for (const left of openValue(a, scope, limit, nesting)) {
      yield join(node, left, constantCut(b, 1 / divisor.value, divisor.dtype));
    }
  }
}

function* openValue(name: string, scope: Scope, limit: number, nesting: number): Generator<Cut> {
  const factor = scalar(name, scope);
  if (factor !== undefined) {
    yield constantCut(name, factor.value, factor.dtype);
    return;
  }
  if (limit < 1) return;
  yield { scale: 1, coarsest: 'float64', leaves: [name], opened: [], constants: [] };
  const producer = scope.producer(name);
  if (producer !== undefined) yield* openNode(producer, scope, limit, nesting + 1);
}

function join(node: Node, left: Cut, right: Cut): Cut {
  return {
    scale: left.scale * right.scale,
    coarsest: precision(left.coarsest) > precision(right.coarsest) ? left.coarsest : right.coarsest,
    leaves: [...left.leaves, ...right.leaves],
    opened: [node, ...left.opened, ...right.opened],
    constants: [...left.constants, ...right.constants],
  };
}

function constantCut(name: string, scale: number, coarsest: DType): Cut {
  return { scale, coarsest, leaves: [], opened: [], constants: [name] };
}

/** The number of a constant with one element. */
function scalar(name: string, scope: Scope): { value: number; dtype: DType } | undefined {
  const constant = scope.constant(name);
  if (constant === undefined || sizeOf(constant.shape) !== 1) return undefined;
  const tensor = scope.tensor(name);
  const value = tensor && elementNumbers(tensor)?.[0];
  return value === undefined ? undefined : { value, dtype: constant.dtype };
}
