/** Which weights are kept: masks of ones and zeros by magnitude, and the share of zeros that weights have. */
import { badInput, type Tensor } from '@rheobase/exporter';

/** Tensors by parameter name. */
export type Weights = Readonly<Record<string, Tensor<'float32'>>>;

/** 1 for a weight that is kept, 0 for one that is not, shaped like the weight. */
export type Masks = Weights;

/** Biases and thresholds, which are vectors, are not pruned. */
const isPruned = ({ shape }: Tensor): boolean => shape.length > 1;

/**
 * Masks that silence the smallest weights by magnitude, until `share` of all are zero; what `former` silenced stays so.
 * @param scope whether the smallest are looked for among all weights, or within each of the tensors.
 * @throws RheobaseError `bad-input` where the share is not between 0 and 1, or there are no weights.
 */
export function magnitudeMasks(weights: Weights, share: number, scope: 'global' | 'layer', former?: Masks): Masks {
  if (!(share >= 0 && share < 1))
    throw badInput(`a share of ${share} to prune`, { remedy: 'choose one from 0 to below 1' });
  const names = Object.keys(weights).filter((name) => isPruned(weights[name]));
  if (names.length === 0)
    throw badInput('there are no weights to prune', { remedy: 'vectors (biases) are left alone' });
  const groups = scope === 'global' ? [names] : names.map((name) => [name]);
  return Object.assign({}, ...groups.map((group) => groupMasks(group, weights, share, former)));
}

function groupMasks(names: readonly string[], weights: Weights, share: number, former: Masks | undefined): Masks {
  const magnitudes = names.map((name) => {
    const kept = former?.[name]?.data;
    // A weight that is silent already comes before all others.
    return weights[name].data.map((weight, at) => (kept?.[at] === 0 ? -1 : Math.abs(weight)));
  });
  const all = new Float32Array(magnitudes.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const list of magnitudes) {
    all.set(list, filled);
    filled += list.length;
  }
  const count = Math.round(all.length * share);
  const limit = count === 0 ? -Infinity : all.toSorted()[count - 1];
  // Of several weights as large as the last one, only so many go.
  let ties = count - all.reduce((below, magnitude) => below + (magnitude < limit ? 1 : 0), 0);
  return Object.fromEntries(
    names.map((name, index) => {
      const data = magnitudes[index].map((magnitude) => {
        if (magnitude < limit) return 0;
        if (magnitude > limit || ties === 0) return 1;
        ties -= 1;
        return 0;
      });
      return [name, { dtype: 'float32', shape: weights[name].shape, data } as const];
    }),
  );
}

/** Weights with zeros where the masks have them. */
export function masked(weights: Weights, masks: Masks): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => {
      const mask = masks[name]?.data;
      if (mask === undefined) return [name, weight];
      return [name, { ...weight, data: weight.data.map((value, at) => (mask[at] === 0 ? 0 : value)) }];
    }),
  );
}

export interface WeightSparsity {
  /** Share of zeros among all weights (biases and thresholds left out); 0 where there are none. */
  readonly sparsity: number;
  /** By parameter. */
  readonly layers: Readonly<Record<string, number>>;
}

export function weightSparsity(weights: Weights): WeightSparsity {
  const pruned = Object.entries(weights).filter(([, weight]) => isPruned(weight));
  const zeros = pruned.map(([, { data }]) => data.reduce((count, value) => count + (value === 0 ? 1 : 0), 0));
  const total = pruned.reduce((sum, [, { data }]) => sum + data.length, 0);
  return {
    sparsity: total === 0 ? 0 : zeros.reduce((sum, count) => sum + count, 0) / total,
    layers: Object.fromEntries(pruned.map(([name, { data }], index) => [name, zeros[index] / data.length])),
  };
}
