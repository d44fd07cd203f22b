/**
 * The inputs of products as places for thresholds: an Identity in front of each product whose input no activation gives,
 * shared by all products that read the same value. A threshold is put behind it like behind an activation (TEAL: the
 * inputs of every projection, whatever computes them); where none is, it goes again.
 */
import { applyRules, graphRule, type Model, type Node, plainNode } from '@rheobase/exporter';
import { isFloat } from '@rheobase/exporter/tensor';
import { NewConstants } from '../lowerings/new-constants.js';
import { silentValue } from '../lowerings/product.js';
import { readProduct } from '../lowerings/read-product.js';
import { sourceOfValue } from '../lowerings/source-of-value.js';

export interface TappedModel {
  readonly model: Model;
  /** The outputs of the added nodes. */
  readonly values: ReadonlySet<string>;
}

/** @param activations values that have a place for a threshold already. */
export function tapProductInputs(model: Model, activations: ReadonlySet<string>): TappedModel {
  const values = new Set<string>();
  let pending = true;
  const tap = graphRule({
    name: 'tap-product-inputs',
    requires: 'products whose input no activation gives',
    ensures: 'an Identity in front of each',
    bound: 'bit-equal',
    run: (scope, names) => {
      const { graph } = scope;
      if (!pending || scope.outer !== null) return { graph, applied: [], rejected: [] };
      pending = false;
      const taps = new Map<string, string>();
      const constants = new NewConstants(names);
      const nodes = graph.nodes.flatMap((node): Node[] => {
        const product = readProduct(node, scope, constants);
        if (typeof product === 'string') return [node];
        const [value = '', ...others] = node.inputs;
        const silent = silentValue(product);
        const dtype = scope.dtypeOf(value);
        const isSilenced = [silent, ...sourceOfValue(silent, scope)].some((source) => activations.has(source));
        if (isSilenced || dtype === undefined || !isFloat(dtype)) return [node];
        const existing = taps.get(value);
        const tapped = existing ?? names.fresh(`${value}/gated`);
        taps.set(value, tapped);
        values.add(tapped);
        const reader = { ...node, inputs: [tapped, ...others] };
        return existing === undefined
          ? [plainNode('Identity', [value], [tapped], { name: names.fresh(`${value}/gate`) }), reader]
          : [reader];
      });
      return { graph: { ...graph, nodes }, applied: graph.nodes.filter((node) => !nodes.includes(node)), rejected: [] };
    },
  });
  return { model: applyRules(model, [tap]).model, values };
}
