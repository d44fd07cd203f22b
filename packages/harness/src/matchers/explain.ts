/** How a failed comparison of two tensors reads: what, how many, how far, and the worst elements with their bits. */
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Comparison } from '../comparison/index.js';
import { errorSize } from '../report/format.js';

export function explain(comparison: Comparison, { dtype, shape }: Tensor): string {
  const { verdict, count, mismatched, reason, tolerance } = comparison;
  const lines = [
    verdict === 'agree'
      ? `all ${count} elements of ${dtype} [${shape}] agree`
      : `${mismatched} of ${count} elements of ${dtype} [${shape}] disagree: ${reason ?? 'out of tolerance'}`,
    ...measures(comparison),
    `tolerance: atol ${tolerance.atol}, rtol ${tolerance.rtol}, scale ${tolerance.scale}, or ${tolerance.ulp} ULP`,
  ];
  return [...lines, ...worstTable(comparison)].join('\n');
}

function measures(comparison: Comparison): readonly string[] {
  const { maxAbs, maxRel, maxUlp } = comparison;
  const distances = [
    ['abs', maxAbs],
    ['rel', maxRel],
    ['ULP', maxUlp],
  ].flatMap(([name, value]) => (typeof value === 'number' ? [`${name} ${errorSize(value)}`] : []));
  const classes = [
    [comparison.nanMismatches, 'NaN'],
    [comparison.infMismatches, 'infinite'],
    [comparison.signedZeroMismatches, 'of the other zero'],
    [comparison.denormalFlushes, 'flushed to zero'],
  ].flatMap(([number, name]) => (number === 0 ? [] : [`${number} ${name}`]));
  return [
    ...(distances.length === 0 ? [] : [`largest difference: ${distances.join(', ')}`]),
    ...(classes.length === 0 ? [] : [`on one side only: ${classes.join(', ')}`]),
  ];
}

function worstTable({ worst }: Comparison): readonly string[] {
  if (worst.length === 0) return [];
  const rows = worst.map((element) => [
    `[${element.index.join(', ')}]`,
    `expected ${withBits(element.expected, element.expectedHex)}`,
    `received ${withBits(element.actual, element.actualHex)}`,
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length));
  return [
    'worst:',
    ...rows.map(
      (row) =>
        `  ${row
          .map((text, column) => text.padEnd(width(column)))
          .join('  ')
          .trimEnd()}`,
    ),
  ];
}

function withBits(text: string, hex: string | null): string {
  return hex === null ? text : `${text} (${hex})`;
}
