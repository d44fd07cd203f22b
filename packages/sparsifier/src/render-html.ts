/** The result of `sparsify` as a page without scripts: the sweep as a chart, layers and products as tables. */
import { bytesPerNeuron } from './cost/index.js';
import type { SparsifyLayer } from './report.js';
import type { Sparsified } from './sparsify.js';
import type { SweepPoint } from './thresholds/index.js';

/** @param title what the page is about, e.g. the model's file name. */
export function renderSparsifyHtml({ report, sweep, products }: Omit<Sparsified, 'model'>, title: string): string {
  const { layers, sparsity, accuracy, deadNeurons } = report;
  const layerRows = layers.map(({ node, theta, sparsity: share, lowering, outputError }) => [
    node,
    thetaText(theta),
    percent(share),
    lowering,
    percent(outputError),
  ]);
  const productRows = products.map(({ product, active, lowering, predicted }) => {
    const bytes = bytesPerNeuron({
      ...product,
      ...(product.gated === null ? {} : { gatedWidth: product.gated.width }),
    });
    const isSparse = lowering.kind !== 'dense';
    return [
      product.node,
      `${product.inner} × ${product.outer}`,
      active.toFixed(1),
      lowering.kind,
      megabytes(bytes * product.inner),
      megabytes(bytes * (isSparse ? active : product.inner)),
      predicted === null ? '' : `${predicted.denseMs.toFixed(3)} ms`,
      predicted === null ? '' : `${predicted.ms.toFixed(3)} ms`,
    ];
  });
  const summary = [
    `${percent(sparsity)} of all neurons are silent; ${deadNeurons} never fired.`,
    accuracy === null ? '' : `Accuracy ${percent(accuracy.before)} → ${percent(accuracy.after)}.`,
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}: sparsity</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #8884; }
svg text { font-size: 12px; fill: currentColor; } .axis { stroke: currentColor; opacity: .4; }
.accuracy { stroke: #0a7; fill: none; stroke-width: 2; } .error { stroke: #c40; fill: none; stroke-width: 2; stroke-dasharray: 5 3; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(summary.join(' ').trim())}</p>
${chart(sweep)}
<h2>Layers</h2>
${table(['activation', 'θ', 'silent', 'executed', 'error at the output, alone'], layerRows)}
<h2>Products</h2>
${table(['product', 'size', 'firing in a run', 'executed', 'weights', 'weights read', 'dense, predicted', 'predicted'], productRows)}
</html>
`;
}

const WIDTH = 640;
const HEIGHT = 260;
const MARGIN = 40;

/** Accuracy (solid) and error at the output (dashed), both from 0 to 1, against sparsity. */
function chart(sweep: readonly SweepPoint[]): string {
  const x = (sparsity: number) => MARGIN + sparsity * (WIDTH - 2 * MARGIN);
  const y = (share: number) => HEIGHT - MARGIN - Math.min(1, Math.max(0, share)) * (HEIGHT - 2 * MARGIN);
  const line = (kind: string, points: readonly (readonly [number, number])[]) => {
    const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const marks = points.map(([at, value]) => {
      const tip = `<title>${percent(at)} silent: ${kind} ${percent(value)}</title>`;
      return `<circle class="${kind}" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3">${tip}</circle>`;
    });
    return points.length === 0 ? '' : `<polyline class="${kind}" points="${path}"/>${marks.join('')}`;
  };
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(share)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle">${percent(share, 0)}</text>` +
      `<text x="${MARGIN - 6}" y="${y(share) + 4}" text-anchor="end">${percent(share, 0)}</text>`,
  );
  const accuracies = sweep.flatMap(({ sparsity, accuracy }) =>
    accuracy === null ? [] : [[sparsity, accuracy] as const],
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-label="accuracy and error against sparsity">
<line class="axis" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(0)}"/><line class="axis" x1="${x(0)}" y1="${y(0)}" x2="${x(0)}" y2="${y(1)}"/>
${ticks.join('\n')}
${line('accuracy', accuracies)}
${line(
  'error',
  sweep.map(({ sparsity, error }) => [sparsity, error] as const),
)}
<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">silent neurons (solid: accuracy, dashed: relative error at the output)</text>
</svg>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(heads, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

/** θ for a table: one number, or the range of one for each channel. */
export function thetaText(theta: SparsifyLayer['theta']): string {
  if (theta === null) return 'none';
  if (typeof theta === 'number') return theta.toPrecision(4);
  return `${Math.min(...theta).toPrecision(4)} to ${Math.max(...theta).toPrecision(4)}`;
}

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
