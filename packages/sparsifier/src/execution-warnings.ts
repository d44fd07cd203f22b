/** Where sparse execution gains nothing, in words: who reads them decides with open eyes. */
import type { SparseExecutionOptions } from './execute-sparsely.js';
import type { MeasuredSpeed } from './measured-speed.js';
import type { ProductDecision } from './product-decision.js';

/** Measured speeds below this are a loss, not chance. */
export const NO_LOSS = 0.98;
/** Shares of firing neurons above this leave nothing to skip. */
const MOSTLY_FIRING = 0.5;

export function warningsOf(
  products: readonly ProductDecision[],
  measured: MeasuredSpeed | null,
  { lowering = 'auto', deployedRows = 1, backend }: SparseExecutionOptions,
): readonly string[] {
  const warnings: string[] = [];
  for (const { product, active, lowering: chosen } of products) {
    const { node, inner, outer } = product;
    const share = `${((100 * active) / inner).toFixed(0)} %`;
    if (deployedRows > 1 && active > MOSTLY_FIRING * inner) {
      warnings.push(
        `${node}: with ${deployedRows} rows ${share} of its ${inner} neurons fire in some row, little is left to skip`,
      );
    } else if (chosen.kind === 'dense' && lowering === 'auto' && active <= MOSTLY_FIRING * inner) {
      warnings.push(
        `${node}: at ${inner} × ${outer} skipping would cost more than it saves on ${backend.id}, it stays dense`,
      );
    }
  }
  const asked = lowering === 'auto' || lowering.kind !== 'dense';
  if (asked && products.every((own) => own.lowering.kind === 'dense')) {
    warnings.push(`no product is executed sparsely on ${backend.id}: the model is silent, but not faster`);
  }
  if (measured !== null && measured.speed < NO_LOSS) {
    const times = `${measured.ms.toFixed(3)} ms sparse, ${measured.denseMs.toFixed(3)} ms dense`;
    const end =
      lowering === 'auto' ? 'so it was left dense' : 'the model is too narrow, the batch too large or too much fires';
    warnings.push(
      `measured with ${deployedRows} row${deployedRows === 1 ? '' : 's'} on ${backend.id}: ${times}; ${end}`,
    );
  }
  return warnings;
}
