/** One model of the HTML report: its matrix, its times drawn, its divergences, and the numbers behind. */
import { afterBlame } from '../blame-text.js';
import { counted, duration, providerName, threeDigits } from '../format.js';
import { type MatrixRow, type ModelMatrix, speedOf } from '../matrix.js';
import { clockNotes, timingHead, timingText } from '../timing-text.js';
import type { ComparisonRow, TimingRow, VerifyReport } from '../verify-report.js';
import { agreementBadge } from './agreement.js';
import { comparisonDetails, placementDetails, timingDetails } from './details.js';
import { errorHistograms } from './error-histogram.js';
import { intervalChart } from './interval-chart.js';
import { html, type Markup } from './markup.js';
import { nameOf } from './name.js';
import { neighbourhoodGraph } from './neighbourhood-graph.js';
import { pageLinks, pageName } from './overview.js';

const DIVERGENCES_NAMED = 12;

/** `index`: which of the report's models it is. */
export function modelSection(report: VerifyReport, { model, rows }: ModelMatrix, index: number): Markup {
  const comparisons = report.comparisons.filter((row) => row.model === model.path);
  const facts = `opset ${model.opset}, ${counted(model.nodes, 'node')}, sha256 ${model.sha256.slice(0, 12)}…`;
  return html`<section class="card page" id="${pageName(index)}">
${pageLinks(index, report.models.length)}
<header><h2>${model.path}</h2><p class="soft">${facts}</p></header>
<table class="matrix">
<thead><tr><th>Backend</th><th>Agreement</th><th>Placement</th><th>${timingHead(report) === 'median' ? 'Median' : 'Throughput'} [95 % interval]</th><th>Against baseline</th></tr></thead>
<tbody>${rows.map(matrixRow)}</tbody>
</table>
${chartOf(rows)}
${notes(rows, comparisons, clockNotes({ ...report, timings: rows.flatMap(({ timings }) => timings) }))}
${(report.neighbourhoods ?? []).filter((one) => one.model === model.path).map((one) => html`<h3>Around <code>${nameOf(one.output)}</code>, where the difference starts</h3>${neighbourhoodGraph(one)}`)}
${errorHistograms(comparisons)}
${comparisonDetails(comparisons)}
${timingDetails(report.timings.filter((row) => row.model === model.path))}
${placementDetails(rows, model.path)}
</section>`;
}

function matrixRow(row: MatrixRow): Markup {
  const { backend, isBaseline } = row;
  const [timing] = row.timings;
  const what = backend.status === 'unavailable' ? null : backend.device;
  return html`<tr>
<td class="backend">${backend.id}${what === null ? null : html`<small>${backend.software ? `software adapter ${what}` : what}</small>`}</td>
<td data-label="Agreement">${agreementCell(row)}</td>
<td data-label="Placement">${placementCell(row)}</td>
<td data-label="Median" class="number">${timing === undefined ? null : medianCell(timing)}</td>
<td data-label="Against baseline" class="number">${timing === undefined || isBaseline ? null : ratioCell(timing)}</td>
</tr>`;
}

function agreementCell(row: MatrixRow): Markup {
  const { badge, detail } = agreementBadge(row);
  return html`<div>${badge}${detail === null ? null : html`<small>${detail}</small>`}</div>`;
}

function placementCell({ placement, backend }: MatrixRow): Markup | null {
  if (backend.status === 'unavailable') return null;
  if (placement.length === 0) return html`<span class="soft">not known</span>`;
  const [main, ...others] = placement.map(({ provider, nodes }) => `${nodes} ${providerName(provider)}`);
  if (others.length === 0) return html`<span class="keep">${main ?? null}</span>`;
  return html`<span><span class="keep">${main ?? null}</span> <span class="${backend.fallbacks > 0 ? 'fallback' : 'soft'}">+ ${others.join(', ')}</span></span>`;
}

function medianCell(timing: TimingRow): Markup {
  const { loadMs, firstRunMs } = timing;
  return html`<div>${timingText(timing) ?? 'not timed'}<small><span class="keep">load ${duration(loadMs)},</span> <span class="keep">first run ${duration(firstRunMs)}</span></small></div>`;
}

function ratioCell({ ratioToBaseline }: TimingRow): Markup | null {
  if (ratioToBaseline === null) return null;
  const { verdict, factor } = speedOf(ratioToBaseline);
  const { ciLow, ciHigh } = ratioToBaseline;
  const text = verdict === 'no difference' ? 'no difference' : `${threeDigits(factor)}× ${verdict}`;
  return html`<div>${text}<small>ratio ${threeDigits(ratioToBaseline.median)} [${threeDigits(ciLow)}, ${threeDigits(ciHigh)}]</small></div>`;
}

function chartOf(rows: readonly MatrixRow[]): Markup | null {
  return intervalChart(
    rows.flatMap(({ backend, isBaseline, timings: [timing] }) => {
      if (timing === undefined || timing.medianMs === null) return [];
      const { medianMs, ciLowMs, ciHighMs } = timing;
      return [
        {
          label: backend.software ? `${backend.id} (software)` : backend.id,
          median: medianMs,
          low: ciLowMs ?? medianMs,
          high: ciHighMs ?? medianMs,
          emphasis: backend.software ? 'software' : isBaseline ? 'baseline' : 'plain',
        } as const,
      ];
    }),
  );
}

function notes(
  rows: readonly MatrixRow[],
  comparisons: readonly ComparisonRow[],
  clocks: readonly string[],
): Markup | null {
  const diverging = comparisons.filter(({ verdict }) => verdict === 'diverge');
  const items = [
    ...diverging.slice(0, DIVERGENCES_NAMED).map(divergenceNote),
    ...(diverging.length > DIVERGENCES_NAMED
      ? [html`<li>and ${diverging.length - DIVERGENCES_NAMED} more that diverge</li>`]
      : []),
    ...rows.filter(({ backend }) => backend.software).map(softwareNote),
    ...clocks.map((note) => html`<li>${note}</li>`),
    ...rows.flatMap(({ backend: { id, placementNote } }) =>
      placementNote === null ? [] : [html`<li>${id}: ${placementNote}</li>`],
    ),
  ];
  return items.length === 0 ? null : html`<ul class="notes">${items}</ul>`;
}

function softwareNote({ backend }: MatrixRow): Markup {
  return html`<li>${backend.id} runs on the software adapter ${backend.device ?? 'of its driver'}: its times say nothing of a GPU.</li>`;
}

function divergenceNote(row: ComparisonRow): Markup {
  const { firstDivergence: first, firstDivergenceNote, maskFlips } = row;
  const blame =
    first === null
      ? firstDivergenceNote
      : html`first at <code>${nameOf(first.node || first.output)}</code> (${first.opType}), value <code>${nameOf(first.output)}</code>${afterBlame(row)}`;
  const masks = maskFlips.explained === 0 ? null : `${counted(maskFlips.explained, 'flipped neuron')} explained; `;
  return html`<li><strong>${row.backend}</strong> ${nameOf(row.case)}, output <code>${nameOf(row.output)}</code>: ${row.reason}; ${masks}${blame}</li>`;
}
