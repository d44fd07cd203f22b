/**
 * Rewrites products of an existing model: the node goes, nodes that read only the weights of firing neurons come, and
 * the value they produce keeps its name. Inputs and outputs of the model stay as they are.
 */
import {
  applyRules,
  badInput,
  graphRule,
  inMainGraph,
  type Model,
  type Node,
  nodeName,
  RheobaseError,
  rules,
} from '@rheobase/exporter';
import { dtypeBits } from '@rheobase/exporter/tensor';
import { Fragment } from './fragment.js';
import { emit, type ProductLowering } from './lowering.js';
import { NewConstants } from './new-constants.js';
import type { Product } from './product.js';
import { readProduct } from './read-product.js';
import type { Scope } from './scope.js';

/** Lowerings by node: the name of a MatMul, Gemm or Conv, or of its output where the node has none. */
export type LoweringChoices = Readonly<Record<string, ProductLowering>>;

/**
 * The model with the chosen products executed sparsely. The numbers are those of the dense model up to the order of
 * summation, with two exceptions (and the approximate lowerings, by their names): a weight row that holds NaN or infinities is not
 * read while its neuron is silent (dense gives 0 · ∞ = NaN), and likewise a silent gate's column of the up projection.
 * @throws RheobaseError `bad-input` where a node is not there or is no product that can be executed sparsely.
 */
export function lowerProducts(model: Model, choices: LoweringChoices): Model {
  const wanted = new Map(Object.entries(choices));
  const lowered = graphRule({
    name: 'sparse-products',
    requires: 'products of activations and constant weights, chosen by name',
    ensures: 'only the weights of firing neurons are read',
    bound: { absolute: 0, relative: 1e-5, except: 'weights that are not finite' },
    run: (scope, names) => {
      if (scope.outer !== null || wanted.size === 0) return { graph: scope.graph, applied: [], rejected: [] };
      const constants = new NewConstants(names);
      const applied: Node[] = [];
      const nodes = scope.graph.nodes.flatMap((node) => {
        const label = nodeName(node);
        const lowering = wanted.get(label);
        if (lowering === undefined) return [node];
        wanted.delete(label);
        const product = productOf(node, scope, constants);
        if (lowering.kind === 'dense') return [node];
        applied.push(node);
        return within(node, () => {
          const fragment = new Fragment(label, names, constants.made);
          const result = emit(product, lowering, scope.opset, fragment);
          return fragment.nodesProducing(result, node.outputs[0] ?? '');
        });
      });
      return {
        graph: { ...scope.graph, nodes, initializers: [...scope.graph.initializers, ...constants.made] },
        applied,
        rejected: [],
      };
    },
  });
  const { model: result } = applyRules(model, [lowered, rules.deadCode]);
  const missing = wanted.keys().next().value;
  if (missing !== undefined) {
    throw badInput(`there is no node '${missing}'`, { remedy: `choose from ${productNames(model).join(', ')}` });
  }
  return result;
}

/** A product that could be executed sparsely. */
export interface ProductInfo {
  /** Name of the node, or of its output where it has none. */
  readonly node: string;
  readonly opType: string;
  /** The value whose zeros are the silent neurons. */
  readonly activation: string;
  readonly activationShape: readonly (number | string | null)[] | null;
  readonly inner: number;
  readonly outer: number;
  /** Bytes of an element of the weights, as they are stored. */
  readonly elementBytes: number;
  /** Where the activations are those of a gated unit: the width of its input. */
  readonly gated: { readonly width: number } | null;
}

/** The products of a model that could be executed sparsely, in order. */
export function findProducts(model: Model): readonly ProductInfo[] {
  return inMainGraph(model, (scope, names) => {
    const constants = new NewConstants(names);
    return scope.graph.nodes.flatMap((node) => {
      const product = readProduct(node, scope, constants);
      return typeof product === 'string' ? [] : [infoOf(product, scope)];
    });
  });
}

function infoOf(product: Product, scope: Scope): ProductInfo {
  const { node, kind, activation, gated, inner, outer } = product;
  const value = gated?.gate ?? activation;
  const type = scope.typeOf(value);
  return {
    node: nodeName(node),
    opType: kind,
    activation: value,
    activationShape: type?.kind === 'tensor' ? type.shape : null,
    inner,
    outer,
    elementBytes: dtypeBits(product.weight.stored.dtype) / 8,
    gated: gated === undefined ? null : { width: gated.width },
  };
}

function productNames(model: Model): string[] {
  return findProducts(model).map(({ node }) => node);
}

function productOf(node: Node, scope: Scope, constants: NewConstants): Product {
  const product = readProduct(node, scope, constants);
  if (typeof product !== 'string') return product;
  throw badInput(`it cannot be executed sparsely: ${product}`, { where: placeOf(node) });
}

function within<T>(node: Node, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(placeOf(node)) : error;
  }
}

function placeOf(node: Node): string {
  return `node ${nodeName(node)} (${node.opType})`;
}
