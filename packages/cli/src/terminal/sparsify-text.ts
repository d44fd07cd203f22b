/** The result of `sparsify` as text for a terminal. */
import { type Sparsified, thetaText } from '@rheobase/sparsifier';
import { table } from './table.js';

export function sparsifyText(model: string, out: string, sparsified: Sparsified): string {
  const { report, products, removedNeurons } = sparsified;
  const rows = report.layers.map(({ node, theta, sparsity, lowering, outputError }) => [
    node,
    thetaText(theta),
    percent(sparsity),
    lowering,
    outputError.toExponential(1),
  ]);
  const predicted = products.flatMap(({ product, predicted: times }) =>
    times === null
      ? []
      : [`${product.node}: ${times.ms.toFixed(3)} ms predicted, ${times.denseMs.toFixed(3)} ms dense`],
  );
  const { accuracy } = report;
  return [
    table(['activation', 'θ', 'silent', 'lowering', 'output error'], rows),
    `${model} → ${out}: ${percent(report.sparsity)} silent, ${report.deadNeurons} neurons that never fire${
      removedNeurons === 0 ? '' : `, ${removedNeurons} of them taken out`
    }`,
    ...(accuracy === null
      ? []
      : [`accuracy on the samples ${percent(accuracy.before)} before, ${percent(accuracy.after)} after`]),
    ...predicted,
    '',
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
