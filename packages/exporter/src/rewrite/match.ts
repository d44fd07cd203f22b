/**
 * Compares a pattern with the part of a graph that ends in a given node. Alternatives (operands in either order,
 * `either`, ways to cut a product) are tried by backtracking. Where nothing matches, the failure reported is the one
 * that got furthest: it is what the reader wants to know of a graph that looks nearly right.
 */

import { scalarAttribute } from '../analysis/node-attributes.js';
import type { Node } from '../model/model.js';
import type { DType, Tensor } from '../tensor/index.js';
import { matchProduct } from './match-product.js';
import { type ConstantPattern, describePattern, type OpPattern, type Pattern } from './pattern.js';
import type { Scope } from './scope.js';

/** Why a pattern does not match: the node looked at, what was required there, and what was found. */
export interface Failure {
  readonly matched: false;
  /** Parts of the pattern that did match before; 0 where not even the root did. */
  readonly depth: number;
  readonly node: Node;
  readonly condition: string;
  readonly reason: string;
}

/** What is bound so far. Never changed: a branch of the search makes its own copy. */
export interface Bindings {
  /** Value names by capture name. */
  readonly values: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<string, Node>;
  /** Constant factors of products. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Every node that is part of the match. */
  readonly matched: ReadonlySet<Node>;
  /** Parts of the pattern (operators and products) that matched on the way here. */
  readonly depth: number;
  /** Names of the constants that the pattern took in. */
  readonly constants: ReadonlySet<string>;
}

/** A pattern found in a graph. Captures are asked for by the name they have in the pattern. */
export class Match {
  readonly matched = true;

  constructor(
    readonly root: Node,
    readonly scope: Scope,
    readonly bindings: Bindings,
  ) {}

  /** Name of the captured value. */
  value(name: string): string {
    return this.find(this.bindings.values.get(name), name);
  }

  /** The captured node (`as` of an op pattern). */
  node(name: string): Node {
    return this.find(this.bindings.nodes.get(name), name);
  }

  /** True where an optional or alternative part of the pattern with this capture took part. */
  has(name: string): boolean {
    const { values, nodes, numbers } = this.bindings;
    return values.has(name) || nodes.has(name) || numbers.has(name);
  }

  /** Elements of a captured constant. */
  tensor(name: string): Tensor {
    return this.find(this.scope.tensor(this.value(name)), name);
  }

  /** The captured constant factor of a product. */
  number(name: string): number {
    return this.find(this.bindings.numbers.get(name), name);
  }

  dtype(name: string): DType | undefined {
    return this.scope.dtypeOf(this.value(name));
  }

  rank(name: string): number | undefined {
    return this.scope.rankOf(this.value(name));
  }

  private find<T>(found: T | undefined, name: string): T {
    if (found === undefined) throw new Error(`the pattern has no capture '${name}'`);
    return found;
  }
}

/** Tries a pattern with `root` as its outermost node. */
export function matchAt(pattern: Pattern, root: Node, scope: Scope): Match | Failure {
  const search = new Search(scope, root);
  for (const bindings of search.node(pattern, root, EMPTY)) return new Match(root, scope, bindings);
  return search.failure;
}

const EMPTY: Bindings = {
  values: new Map(),
  nodes: new Map(),
  numbers: new Map(),
  matched: new Set(),
  depth: 0,
  constants: new Set(),
};

/** One attempt; keeps the failure that got furthest. */
export class Search {
  failure: Failure;

  constructor(
    readonly scope: Scope,
    root: Node,
  ) {
    this.failure = { matched: false, depth: -1, node: root, condition: 'the pattern', reason: 'does not match' };
  }

  fail(bindings: Bindings, node: Node, condition: string, reason: string): void {
    const { depth } = bindings;
    if (depth > this.failure.depth) this.failure = { matched: false, depth, node, condition, reason };
  }

  /** All ways in which `pattern` describes the value `name`, an input of `reader`. */
  *value(pattern: Pattern, name: string, reader: Node, bindings: Bindings): Generator<Bindings> {
    switch (pattern.kind) {
      case 'any':
        yield* this.capture(pattern.name, name, reader, bindings);
        return;
      case 'constant':
        yield* this.constant(pattern, name, reader, bindings);
        return;
      case 'optional':
        yield* this.value(pattern.pattern, name, reader, bindings);
        return;
      case 'either':
        for (const option of pattern.options) yield* this.value(option, name, reader, bindings);
        return;
      case 'op':
      case 'product': {
        const producer = this.scope.producer(name);
        if (producer === undefined) {
          this.fail(bindings, reader, `an input is ${describePattern(pattern)}`, `'${name}' ${this.origin(name)}`);
          return;
        }
        if (pattern.kind === 'op' && producer.outputs[pattern.output] !== name) {
          const reason = `'${name}' is another output of it`;
          this.fail(bindings, producer, `output ${pattern.output} of ${describePattern(pattern)}`, reason);
          return;
        }
        yield* this.node(pattern, producer, bindings);
      }
    }
  }

  /** All ways in which `pattern` describes `node`. */
  *node(pattern: Pattern, node: Node, bindings: Bindings): Generator<Bindings> {
    if (pattern.kind === 'either') {
      for (const option of pattern.options) yield* this.node(option, node, bindings);
    } else if (pattern.kind === 'product') {
      yield* matchProduct(this, pattern, node, bindings);
    } else if (pattern.kind === 'op') {
      yield* this.op(pattern, node, bindings);
    }
  }

  private *op(pattern: OpPattern, node: Node, before: Bindings): Generator<Bindings> {
    const { opTypes, inputs, attributes, as } = pattern;
    if (node.domain !== '' || !opTypes.includes(node.opType)) {
      this.fail(before, node, `it is ${describePattern(pattern)}`, `it is ${node.opType}`);
      return;
    }
    const bindings = deeper(withNode(before, node, as, node.outputs[pattern.output]));
    for (const [name, condition] of Object.entries(attributes)) {
      const answer = condition(scalarAttribute(node, name));
      if (answer !== true) {
        this.fail(bindings, node, `attribute ${name} of ${node.opType}`, answer);
        return;
      }
    }
    const given = node.inputs.length - trailingEmpty(node.inputs);
    if (given > inputs.length) {
      this.fail(bindings, node, `${node.opType} has ${inputs.length} inputs`, `it has ${given}`);
      return;
    }
    yield* this.inputs(inputs, node.inputs, node, bindings);
    if (pattern.commutative) yield* this.inputs(inputs, [node.inputs[1], node.inputs[0]], node, bindings);
  }

  /** Matches patterns against names one after the other. */
  *inputs(patterns: readonly Pattern[], names: readonly string[], reader: Node, before: Bindings): Generator<Bindings> {
    if (patterns.length === 0) {
      yield before;
      return;
    }
    const [pattern, ...otherPatterns] = patterns;
    const [name = '', ...otherNames] = names;
    if (name === '') {
      if (pattern.kind === 'optional') yield* this.inputs(otherPatterns, otherNames, reader, before);
      else this.fail(before, reader, `an input is ${describePattern(pattern)}`, 'it is left out');
      return;
    }
    for (const bindings of this.value(pattern, name, reader, before)) {
      yield* this.inputs(otherPatterns, otherNames, reader, bindings);
    }
  }

  private *capture(capture: string, name: string, reader: Node, bindings: Bindings): Generator<Bindings> {
    const bound = bindings.values.get(capture);
    if (bound === undefined) yield { ...bindings, values: new Map(bindings.values).set(capture, name) };
    else if (bound === name) yield bindings;
    else this.fail(bindings, reader, `${capture} is the same value everywhere`, `it is '${bound}' and '${name}'`);
  }

  private *constant(pattern: ConstantPattern, name: string, reader: Node, bindings: Bindings): Generator<Bindings> {
    const tensor = this.scope.tensor(name);
    if (tensor === undefined) {
      this.fail(bindings, reader, `${pattern.name} is a constant`, `'${name}' ${this.origin(name)}`);
      return;
    }
    const answer = pattern.condition?.(tensor) ?? true;
    if (answer !== true) {
      this.fail(bindings, reader, `a condition on ${pattern.name}`, `'${name}' ${answer}`);
      return;
    }
    const constants = new Set(bindings.constants).add(name);
    yield* this.capture(pattern.name, name, reader, { ...bindings, constants });
  }

  /** What a value is instead, for a reason. */
  private origin(name: string): string {
    const producer = this.scope.producer(name);
    if (producer !== undefined) return `is computed by ${producer.opType}`;
    const constant = this.scope.constant(name);
    if (constant !== undefined) {
      return constant.content.kind === 'inline' ? 'is a constant' : 'is a constant whose elements are not in memory';
    }
    return this.scope.isInput(name) ? 'is a graph input' : 'is computed outside this graph';
  }
}

/** Adds a node to the match, and what it is captured as. */
export function withNode(bindings: Bindings, node: Node, as?: string, output?: string): Bindings {
  const matched = new Set(bindings.matched).add(node);
  if (as === undefined) return { ...bindings, matched };
  const nodes = new Map(bindings.nodes).set(as, node);
  const values = output === undefined ? bindings.values : new Map(bindings.values).set(as, output);
  return { ...bindings, matched, nodes, values };
}

/** One more part of the pattern has matched. */
export function deeper(bindings: Bindings): Bindings {
  return { ...bindings, depth: bindings.depth + 1 };
}

function trailingEmpty(names: readonly string[]): number {
  return names.length - 1 - names.findLastIndex((name) => name !== '');
}
