/** How the differences of a model's elements are spread: a bar per decade of |actual − expected|, for each backend. */
import type { ComparisonRow } from '../verify-report.js';
import { chart } from './charts.js';
import { html, type Markup } from './markup.js';

const HEIGHT = 150;

/** Null where nothing differs. */
export function errorHistograms(rows: readonly ComparisonRow[]): Markup | null {
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const drawn = backends.flatMap((backend) => {
    const picture = histogramOf(rows.filter((row) => row.backend === backend));
    return picture === null ? [] : [html`<h3>${backend}</h3>${picture}`];
  });
  return drawn.length === 0 ? null : html`<details><summary>How the differences are spread</summary>${drawn}</details>`;
}

function histogramOf(rows: readonly ComparisonRow[]): Markup | null {
  const counts = new Map<number, number>();
  // Reports of an earlier version have no histograms.
  for (const { low, count } of rows.flatMap((row) => row.histogram?.abs ?? [])) {
    const decade = Math.round(Math.log10(low));
    counts.set(decade, (counts.get(decade) ?? 0) + count);
  }
  if (counts.size === 0) return null;
  const equal = rows.reduce((sum, row) => sum + (row.histogram?.equal ?? 0), 0);
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const bars = [
    { label: 'equal', count: equal },
    ...decades.map((decade) => ({ label: `1e${decade}`, count: counts.get(decade) ?? 0 })),
  ];
  const says = `Elements by difference: ${bars.map(({ label, count }) => `${label}: ${count}`).join(', ')}`;
  return chart(HEIGHT, says, (isNarrow) => ({
    grid: { left: 56, right: 12, top: 20, bottom: 28 },
    xAxis: {
      type: 'category',
      data: bars.map(({ label }) => label),
      axisLabel: { color: 'var(--soft)', hideOverlap: true },
      axisLine: { lineStyle: { color: 'var(--line)' } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'log',
      min: 0.5,
      axisLabel: { color: 'var(--soft)', formatter: (value: number) => (value < 1 ? '' : value.toLocaleString('en')) },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    },
    series: [
      {
        type: 'bar',
        clip: false,
        data: bars.map(({ count }) => (count === 0 ? null : count)),
        itemStyle: { color: 'var(--accent)' },
        barMaxWidth: 36,
        // On a logarithmic axis a single element would have no height.
        barMinHeight: 4,
        label: { show: !isNarrow, position: 'top', color: 'var(--soft)', fontSize: 11 },
      },
    ],
  }));
}
