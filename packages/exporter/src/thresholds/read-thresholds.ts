/**
 * Reads the thresholds of a model, in whatever spelling: where a real number is compared with θ and the answer decides
 * whether a neuron fires. Main graph, bodies of If, Loop and Scan, and functions are all looked into.
 */
import { subgraphsOf } from '../analysis/reads.js';
import type { Model, Node } from '../model/model.js';
import { readGates, thetaAttribute } from './gates.js';
import { COMPARATORS, type Compared, readMask } from './masks.js';
import { Surroundings } from './surroundings.js';
import type { Place, ThresholdComparison, ThresholdGate, Thresholds } from './threshold.js';

/**
 * The gates of a model, and the comparisons that decide.
 *
 * | kind of gate | spelling |
 * | --- | --- |
 * | one operator | ThresholdedRelu; Shrink without bias |
 * | a choice | Where(mask, f, 0), Where(mask, 0, f) |
 * | a product | f · mask, the mask as numbers |
 * | a call | of a function of the model whose output one of these gives |
 * | a ReLU | Relu, Clip from 0 up, Max(x, 0) |
 *
 * A mask is a comparison (Greater, GreaterOrEqual, Less, LessOrEqual; of |x| too), or made of masks by And, Or, Not, Cast,
 * 1 − m, m = 0, m · n, or handed on in another shape. θ and zeros are numbers where they follow from constants: an
 * initializer, a Constant, one computed from them, ConstantOfShape, x − x; an initializer that is also an input counts
 * with its default. Float types are read as they are, in double precision.
 */
export function readThresholds(model: Model): Thresholds {
  const reading = new Reading();
  reading.visit(Surroundings.ofModel(model));
  return reading.result();
}

class Reading {
  private readonly gates: ThresholdGate[] = [];
  private readonly compared = new Map<Surroundings, Map<Node, ThresholdComparison>>();

  visit(at: Surroundings): void {
    for (const node of at.nodes) {
      for (const graph of subgraphsOf(node)) this.visit(at.body(node, graph));
      const called = at.call(node);
      if (called !== undefined) this.visit(called);
      for (const gate of readGates(node, at)) {
        const comparisons = gate.comparisons.map((one) => this.comparison(one));
        this.gates.push({ ...placeOf(node, at), ...gate, comparisons });
      }
      const decides = node.domain === '' && (node.opType === 'Where' || node.opType === 'Cast');
      const mask = decides ? readMask(node.inputs[0] ?? '', true, at) : undefined;
      for (const one of mask?.comparisons ?? []) this.comparison(one);
    }
  }

  result(): Thresholds {
    const comparisons = [...this.compared].flatMap(([{ path }, found]) =>
      [...found.values()].map((comparison) => ({ comparison, path: [...path, comparison.index] })),
    );
    comparisons.sort((a, b) => inOrder(a.path, b.path));
    return { gates: this.gates, comparisons: comparisons.map(({ comparison }) => comparison) };
  }

  /** The same object for the same comparison, whoever goes by it. */
  private comparison({ node, at }: Compared): ThresholdComparison {
    const here = this.compared.get(at) ?? new Map<Node, ThresholdComparison>();
    this.compared.set(at, here);
    const comparison = here.get(node) ?? comparisonOf(node, at);
    here.set(node, comparison);
    return comparison;
  }
}

function placeOf(node: Node, at: Surroundings): Place {
  return { node, index: at.placeOf(node), graph: at.graph, within: at.within };
}

function comparisonOf(node: Node, at: Surroundings): ThresholdComparison {
  const [x = '', right = ''] = node.inputs;
  const comparator = COMPARATORS[node.opType];
  if (comparator !== undefined) return { ...placeOf(node, at), comparator, x, theta: right, magnitude: false };
  const theta = thetaAttribute(node);
  return { ...placeOf(node, at), comparator: '>', x, theta, magnitude: node.opType === 'Shrink' };
}

/** Lexicographically: a node's place, then that in its body. */
function inOrder(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((place, depth) => place !== b[depth]);
  return differing === -1 ? a.length - b.length : (a[differing] ?? 0) - (b[differing] ?? 0);
}
