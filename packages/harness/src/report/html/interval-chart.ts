/**
 * Medians and their intervals: one row per backend, a dot on a bar, one axis for all. The axis is logarithmic where times
 * span more than a factor of five, since ratios are what is compared.
 */
import { duration, printable, roundDuration } from '../format.js';
import { chart } from './charts.js';
import type { Markup } from './markup.js';

export interface IntervalBar {
  readonly label: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly emphasis: 'baseline' | 'plain' | 'software';
}

/** Heights in CSS pixels. */
const ROW = 40;
const AXIS = 34;

const LOGARITHMIC_BEYOND = 5;

/** Times in ms. Null where there is nothing to draw. */
export function intervalChart(bars: readonly IntervalBar[]): Markup | null {
  if (bars.length === 0) return null;
  const low = Math.min(...bars.map((bar) => bar.low));
  const high = Math.max(...bars.map((bar) => bar.high));
  const isLogarithmic = low > 0 && high / low > LOGARITHMIC_BEYOND;
  const says = `Median run times with 95 % intervals: ${bars.map(({ label, median }) => `${label} ${duration(median)}`).join(', ')}`;
  return chart(bars.length * ROW + AXIS, says, (isNarrow) => ({
    grid: { left: 8, right: 24, top: 4, bottom: AXIS - 8 },
    xAxis: {
      type: isLogarithmic ? 'log' : 'value',
      min: isLogarithmic ? low / 1.3 : 0,
      max: isLogarithmic ? high * 1.3 : high * 1.05,
      splitNumber: isNarrow ? 3 : 6,
      axisLabel: { formatter: roundDuration, color: 'var(--soft)', hideOverlap: true, showMaxLabel: false },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    },
    yAxis: { type: 'category', data: bars.map((_, row) => row), inverse: true, show: false },
    series: [
      {
        type: 'custom',
        data: bars.map((bar, row) => [row, bar.low, bar.high]),
        renderItem: (_: unknown, api: RowApi) => intervalShape(api, bars),
      },
      {
        type: 'scatter',
        clip: false,
        symbolSize: 10,
        data: bars.map((bar, row) => ({ value: [bar.median, row], itemStyle: { color: colourOf(bar).dot } })),
        label: { show: false },
      },
    ],
  }));
}

/** What ECharts hands to the shape of a row: its numbers, and where they lie in pixels. */
interface RowApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): readonly [number, number];
}

function intervalShape(api: RowApi, bars: readonly IntervalBar[]) {
  const row = api.value(0);
  const [left, y] = api.coord([api.value(1), row]);
  const [right] = api.coord([api.value(2), row]);
  const bar = bars[row];
  const text = bar === undefined ? '' : `${printable(bar.label)}  ${duration(bar.median)}`;
  return {
    type: 'group',
    children: [
      {
        type: 'rect',
        shape: { x: left, y: y - 4, width: Math.max(1, right - left), height: 8, r: 3 },
        style: { fill: bar === undefined ? 'none' : colourOf(bar).bar },
      },
      {
        type: 'text',
        x: 8,
        y: y - 20,
        style: { text, fill: 'var(--ink)', stroke: 'var(--card)', lineWidth: 4, font: '13px system-ui, sans-serif' },
      },
    ],
  };
}

function colourOf({ emphasis }: IntervalBar): { readonly bar: string; readonly dot: string } {
  return emphasis === 'software'
    ? { bar: 'var(--line)', dot: 'var(--muted)' }
    : { bar: 'var(--accent-soft)', dot: 'var(--accent)' };
}
