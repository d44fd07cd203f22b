/** The result of `sparsify` as text for a terminal. */
import { executionText, loweringText, type SparsifyReport, thetaText, uselessText } from '@rheobase/sparsifier';
import { table } from './table.js';

export function sparsifyText(model: string, out: string, report: SparsifyReport): string {
  const { layers, products, accuracy, measured, sparsity, warnings, executionError } = report;
  const layerRows = layers.map(({ node, theta, sparsity: share, lowering, outputError }) => [
    node,
    thetaText(theta),
    percent(share),
    lowering,
    outputError.toExponential(1),
  ]);
  const productRows = products.map(
    ({ node, inner, outer, active, operations, weightBytes, predicted, savedMs, ...how }) => [
      node,
      `${inner} × ${outer}`,
      active.toFixed(1),
      loweringText(how),
      arrow(operations, (count) => `${(count / 1e6).toFixed(2)} M`),
      arrow(weightBytes, (bytes) => `${(bytes / 1e6).toFixed(2)} MB`),
      predicted === null
        ? ''
        : arrow({ dense: predicted.denseMs, sparse: predicted.ms }, (ms) => `${ms.toFixed(3)} ms`),
      savedMs === null ? '' : `${savedMs.toFixed(3)} ms`,
    ],
  );
  return [
    table(['activation', 'θ', 'silent', 'lowering', 'output error'], layerRows),
    ...(products.length === 0 ? [] : [table(PRODUCT_HEADS, productRows)]),
    `${model} → ${out}: ${percent(sparsity)} silent, ${uselessText(report)}`,
    ...(accuracy === null
      ? []
      : [`accuracy on the samples ${percent(accuracy.before)} before, ${percent(accuracy.after)} after`]),
    ...(executionError === null ? [] : [executionText(executionError)]),
    ...(measured === null
      ? []
      : [
          `measured: ${measured.ms.toFixed(3)} ms a run, ${measured.denseMs.toFixed(3)} ms with dense products (${measured.speed.toFixed(2)} × the speed)`,
        ]),
    ...warnings.map((warning) => `warning: ${warning}`),
    '',
  ].join('\n');
}

const PRODUCT_HEADS = [
  'product',
  'size',
  'firing',
  'executed',
  'operations',
  'weights read',
  'predicted',
  'saved, measured',
];

/** From dense to what is really done. */
function arrow({ dense, sparse }: { dense: number; sparse: number }, text: (value: number) => string): string {
  return `${text(dense)} → ${text(sparse)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
