/** How many terms a node adds up for each element of its result, from the shapes of what it reads and makes. */
import { intAttribute, intsAttribute, type Node } from '@rheobase/exporter';
import { sizeOf } from '@rheobase/exporter/tensor';

/** Extents of a value; null where they are not all known. */
export type Extents = readonly number[] | null;

/** For lengths that the shapes do not tell: a long one, as hidden layers go. */
export const UNKNOWN_LENGTH = 1024;

export function reductionLength(node: Node, inputs: readonly Extents[], output: Extents): number {
  const length = lengthOf(node, inputs, output);
  return length === null || !(length >= 1) ? UNKNOWN_LENGTH : length;
}

function lengthOf(node: Node, inputs: readonly Extents[], output: Extents): number | null {
  const [first = null, second = null, third = null] = inputs;
  switch (node.opType) {
    case 'MatMul':
    case 'FusedMatMul':
      return first?.at(-1) ?? null;
    case 'Gemm':
    case 'FusedGemm':
      return first?.at(intAttribute(node, 'transA', 0) === 1 ? 0 : -1) ?? null;
    case 'Conv':
    case 'FusedConv':
      return second === null ? null : sizeOf(second.slice(1));
    case 'ConvTranspose':
      // Weights are [in, out / group, …kernel]; a place of the output gets at most the whole kernel.
      return second === null ? null : sizeOf([second[0] ?? 1, ...second.slice(2)]);
    case 'MatMulNBits':
      return intAttribute(node, 'K', UNKNOWN_LENGTH);
    case 'AveragePool':
    case 'LpPool':
      return sizeOf(intsAttribute(node, 'kernel_shape'));
    case 'Softmax':
    case 'LogSoftmax':
    case 'CumSum':
    case 'LpNormalization':
      return first === null ? null : Math.max(1, ...first);
    case 'Einsum':
      // ij,jk->ik: (ij · jk / ik)^½ = j.
      if (first === null || output === null || sizeOf(output) === 0) return null;
      return second === null
        ? sizeOf(first) / sizeOf(output)
        : Math.sqrt((sizeOf(first) * sizeOf(second)) / sizeOf(output));
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return second === null || third === null ? null : (second.at(-1) ?? 0) + (third.at(-1) ?? 0);
    case 'InstanceNormalization':
      return first === null ? null : sizeOf(first.slice(2));
    case 'BatchNormalization':
      return 1;
    case 'Resize':
    case 'GridSample':
    case 'AffineGrid':
    case 'RoiAlign':
      return 16;
    case 'LayerNormalization':
    case 'RMSNormalization':
    case 'SimplifiedLayerNormalization':
    case 'SkipLayerNormalization':
    case 'SkipSimplifiedLayerNormalization':
      return second === null || node.opType.startsWith('Skip') ? (first?.at(-1) ?? null) : sizeOf(second);
    default:
      // Reductions, global pooling and other normalisations: as many as the input has for one of the output.
      if (first === null || output === null || sizeOf(output) === 0) return null;
      return Math.max(sizeOf(first) / sizeOf(output), node.opType.endsWith('Normalization') ? sizeOf(first) : 1);
  }
}
