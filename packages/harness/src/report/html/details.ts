/** The numbers behind a model's matrix, folded away. Long lists are cut: the JSON has every row. */
import { counted, duration, errorSize, providerName } from '../format.js';
import type { MatrixRow } from '../matrix.js';
import type { ComparisonRow, TimingRow } from '../verify-report.js';
import { type Content, html, type Markup } from './markup.js';
import { nameOf } from './name.js';

const ROWS_SHOWN = 40;

export function comparisonDetails(rows: readonly ComparisonRow[]): Markup | null {
  const sorted = rows.toSorted(
    (a, b) => Number(b.verdict === 'diverge') - Number(a.verdict === 'diverge') || (b.maxUlp ?? 0) - (a.maxUlp ?? 0),
  );
  const body = sorted
    .slice(0, ROWS_SHOWN)
    .map((row) => [
      html`<span class="badge ${row.verdict}">${row.verdict}</span>`,
      row.backend,
      nameOf(row.case),
      nameOf(row.output),
      `${row.mismatched} of ${row.count}`,
      measure(row.maxAbs),
      measure(row.maxRel),
      measure(row.maxUlp),
      classesOf(row),
      row.sqnrDb === null ? '–' : `${row.sqnrDb.toFixed(1)} dB`,
    ]);
  const heads = ['', 'Backend', 'Case', 'Output', 'Mismatched', 'Max abs', 'Max rel', 'Max ULP', 'Classes', 'SQNR'];
  const tolerances = [...new Set(rows.map(({ tolerance }) => toleranceText(tolerance)))];
  return folded(`Comparisons (${rows.length}), the worst first`, rows.length, [
    detailTable(heads, body),
    tolerances.map((text) => html`<p class="soft">Tolerance: ${text}</p>`),
  ]);
}

function toleranceText({ atol, rtol, scale, ulp, reason }: ComparisonRow['tolerance']): string {
  const [constant, relative, scaled] = [atol, rtol, scale].map(errorSize);
  return `${constant} + ${relative} · |expected| + ${scaled} · largest |expected|, or ${ulp} ULP (${reason})`;
}

function classesOf(row: ComparisonRow): string {
  const classes = [
    [row.nanMismatches, 'NaN'],
    [row.infMismatches, 'infinite'],
    [row.signedZeroMismatches, '±0'],
    [row.denormalFlushes, 'flushed'],
  ] as const;
  return classes.flatMap(([count, name]) => (count > 0 ? [`${count} ${name}`] : [])).join(', ') || '–';
}

function measure(value: number | null): string {
  return value === null ? '–' : errorSize(value);
}

export function timingDetails(rows: readonly TimingRow[]): Markup | null {
  const body = rows
    .slice(0, ROWS_SHOWN)
    .map((row) => [
      row.backend,
      nameOf(row.case),
      duration(row.loadMs),
      duration(row.firstRunMs),
      row.runs,
      ...[row.medianMs, row.ciLowMs, row.ciHighMs, row.p90Ms, row.p99Ms].map((ms) =>
        ms === null ? '–' : duration(ms),
      ),
    ]);
  const heads = ['Backend', 'Case', 'Load', 'First run', 'Warm runs', 'Median', 'Low', 'High', '90 %', '99 %'];
  return folded(`Timings (${rows.length})`, rows.length, detailTable(heads, body));
}

export function placementDetails(rows: readonly MatrixRow[], model: string): Markup | null {
  const nodes = rows.flatMap(({ backend }) =>
    backend.placement.filter((node) => node.model === model).map((node) => ({ ...node, backend: backend.id })),
  );
  const byNode = groupBy(nodes, ({ backend, provider }) => `${backend} on ${providerName(provider)}`);
  const body = [...byNode].map(([where, list]) => [where, list.length, operatorCounts(list)]);
  return folded(
    `Placement of ${counted(nodes.length, 'node')}`,
    nodes.length,
    detailTable(['', 'Nodes', 'Operators'], body),
  );
}

function operatorCounts(nodes: readonly { readonly opType: string }[]): string {
  const counts = [...groupBy(nodes, ({ opType }) => opType)].map(([opType, list]) => [opType, list.length] as const);
  return counts.map(([opType, count]) => (count === 1 ? opType : `${opType} × ${count}`)).join(', ');
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function folded(summary: string, rows: number, content: Content): Markup | null {
  if (rows === 0) return null;
  const cut =
    rows > ROWS_SHOWN ? html`<p class="soft">At most ${ROWS_SHOWN} rows are shown; the JSON report has all.</p>` : null;
  return html`<details><summary>${summary}</summary>${content}${cut}</details>`;
}

function detailTable(heads: readonly string[], body: readonly (readonly Content[])[]): Markup {
  const head = heads.map((text) => html`<th>${text}</th>`);
  const rows = body.map((cells) => html`<tr>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`);
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
