/** The result of `sparsify` as a page without scripts: the sweep as a chart, layers and products as tables. */
import { executionText, loweringText, uselessText } from './lowering-text.js';
import type { SparsifyLayer, SparsifyReport } from './report.js';
import { escaped, percent, sweepChart } from './sweep-chart.js';

/** @param title what the page is about, e.g. the model's file name. */
export function renderSparsifyHtml(report: SparsifyReport, title: string): string {
  const { layers, sparsity, accuracy, products, measured, sweep, warnings, executionError } = report;
  const layerRows = layers.map(({ node, theta, sparsity: share, lowering, outputError }) => [
    node,
    thetaText(theta),
    percent(share),
    lowering,
    percent(outputError),
  ]);
  const productRows = products.map(
    ({ node, inner, outer, active, operations, weightBytes, predicted, savedMs, ...how }) => [
      node,
      `${inner} × ${outer}`,
      active.toFixed(1),
      loweringText(how),
      millions(operations.dense),
      millions(operations.sparse),
      megabytes(weightBytes.dense),
      megabytes(weightBytes.sparse),
      predicted === null ? '' : `${predicted.denseMs.toFixed(3)} ms`,
      predicted === null ? '' : `${predicted.ms.toFixed(3)} ms`,
      predicted === null ? '' : `${(predicted.denseMs - predicted.ms).toFixed(3)} ms`,
      savedMs === null ? '' : `${savedMs.toFixed(3)} ms`,
    ],
  );
  const summary = [
    `${percent(sparsity)} of all neurons are silent; ${uselessText(report)}.`,
    accuracy === null ? '' : `Accuracy ${percent(accuracy.before)} → ${percent(accuracy.after)}.`,
    executionText(executionError),
    measured === null
      ? ''
      : `A run takes ${measured.ms.toFixed(3)} ms, with dense products ${measured.denseMs.toFixed(3)} ms: ${measured.speed.toFixed(2)} × the speed, measured.`,
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}: sparsity</title>
<style>
:root { color-scheme: light dark; --green: #087f5b; --red: #c2410c; --blue: #2563eb; }
@media (prefers-color-scheme: dark) { :root { --green: #34d399; --red: #fb923c; --blue: #7db2ff; } body { background: #111; color: #eee; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #8884; } td { white-space: nowrap; font-variant-numeric: tabular-nums; }
svg { width: 100%; max-width: 760px; height: auto; } svg text { font-size: 12px; fill: currentColor; }
.grid { stroke: currentColor; opacity: .15; } .chosen { stroke: currentColor; opacity: .6; stroke-dasharray: 2 4; } .warning { color: var(--red); }
.accuracy { --own: var(--green); } .error { --own: var(--red); } .speed { --own: var(--blue); }
.curve { fill: none; stroke: var(--own); stroke-width: 2; } .mark { fill: var(--own); } .curve.error { stroke-dasharray: 6 4; } .curve.speed { stroke-dasharray: 2 3; }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(summary.join(' ').trim())}</p>
${warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`).join('\n')}
${sweepChart(sweep, sparsity)}
<h2>Layers</h2>
${table(['activation', 'θ', 'silent', 'executed', 'error at the output, alone'], layerRows)}
${products.length === 0 ? '' : `<h2>Products</h2>\n${table(PRODUCT_HEADS, productRows)}`}
</html>
`;
}

const PRODUCT_HEADS = [
  ...['product', 'size', 'firing in a run', 'executed', 'operations, dense', 'operations'],
  ...['weights', 'weights read', 'dense, predicted', 'predicted', 'saved, predicted', 'saved, measured'],
];

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${row(heads, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table></div>`;
}

/** θ for a table: one number, or the range of one for each channel. */
export function thetaText(theta: SparsifyLayer['theta']): string {
  if (theta === null) return 'none';
  if (typeof theta === 'number') return theta.toPrecision(4);
  return `${Math.min(...theta).toPrecision(4)} to ${Math.max(...theta).toPrecision(4)}`;
}

function millions(operations: number): string {
  return `${(operations / 1e6).toFixed(3)} M`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
