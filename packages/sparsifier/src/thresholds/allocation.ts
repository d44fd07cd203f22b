/**
 * How much each layer should be silenced: greedily, the layer next whose error at the output grows least for the
 * neurons it silences.
 *
 * After TEAL ("Training-Free Activation Sparsity in Large Language Models", Liu et al. 2024, Algorithm 1), which
 * measures every candidate anew in each step. Here the error that a layer causes alone is measured once at a few levels,
 * and errors of several layers are taken to add in squares, as independent errors do: so the cost grows with the number
 * of layers and not with its square.
 */

/** What one layer does to the output, alone. */
export interface LayerCurve {
  /** Neurons of the layer: its share of the whole is the weight of its sparsity. */
  readonly neurons: number;
  /** Ascending sparsities, the first one that which the layer has without a threshold. */
  readonly levels: readonly number[];
  /** Error at the output at each level; the first is 0. */
  readonly errors: readonly number[];
}

/** Sparsities by layer, with what they come to together. */
export interface Allocation {
  readonly sparsities: readonly number[];
  /** Over all neurons of all layers. */
  readonly sparsity: number;
}

/** The allocations on the greedy way, from none to as much as was measured; each raises one layer by one level. */
export function greedyPath(layers: readonly LayerCurve[]): readonly Allocation[] {
  const at = layers.map(() => 0);
  const path = [allocationAt(layers, at)];
  for (;;) {
    let best: { layer: number; price: number } | undefined;
    for (const [layer, curve] of layers.entries()) {
      const price = priceOfRaising(curve, at[layer] ?? 0);
      if (price !== undefined && (best === undefined || price < best.price)) best = { layer, price };
    }
    if (best === undefined) return path;
    at[best.layer] = (at[best.layer] ?? 0) + 1;
    path.push(allocationAt(layers, at));
  }
}

/**
 * The allocation on the way whose sparsity is `target`, between two of its points if need be; undefined where the way
 * does not lead there.
 */
export function allocationFor(path: readonly Allocation[], target: number): Allocation | undefined {
  const next = path.findIndex(({ sparsity }) => sparsity >= target);
  const [to, from] = [path[next], path[next - 1]];
  if (to === undefined) return undefined;
  if (from === undefined || to.sparsity === from.sparsity) return to;
  const part = (target - from.sparsity) / (to.sparsity - from.sparsity);
  const sparsities = to.sparsities.map((high, layer) => {
    const low = from.sparsities[layer] ?? high;
    return low + (high - low) * part;
  });
  return { sparsities, sparsity: target };
}

/** The same sparsity in every layer, or what a layer has by itself where that is more. */
export function uniformAllocation(layers: readonly LayerCurve[], target: number): Allocation {
  const sparsities = layers.map(({ levels: [own = 0] }) => Math.max(own, target));
  return { sparsities, sparsity: overall(layers, sparsities) };
}

/** Growth of the squared error for each further silent neuron; undefined at the top level. */
function priceOfRaising({ neurons, levels, errors }: LayerCurve, level: number): number | undefined {
  const [low, high] = [levels[level], levels[level + 1]];
  if (low === undefined || high === undefined) return undefined;
  const growth = (errors[level + 1] ?? 0) ** 2 - (errors[level] ?? 0) ** 2;
  return growth / ((high - low) * neurons);
}

function allocationAt(layers: readonly LayerCurve[], at: readonly number[]): Allocation {
  const sparsities = layers.map(({ levels }, layer) => levels[at[layer] ?? 0] ?? 0);
  return { sparsities, sparsity: overall(layers, sparsities) };
}

/** The share of all neurons that shares of layers come to. */
export function overall(layers: readonly Pick<LayerCurve, 'neurons'>[], sparsities: readonly number[]): number {
  let silent = 0;
  let all = 0;
  for (const [layer, { neurons }] of layers.entries()) {
    silent += neurons * (sparsities[layer] ?? 0);
    all += neurons;
  }
  return silent / all;
}
