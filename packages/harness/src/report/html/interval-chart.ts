/**
 * Medians and their intervals as an inline SVG: one row per backend, a dot on a bar, one axis for all. The axis is
 * logarithmic where times span more than a factor of five, since ratios are what is compared.
 */
import { duration, roundDuration } from '../format.js';
import { html, type Markup } from './markup.js';

export interface IntervalBar {
  readonly label: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly emphasis: 'baseline' | 'plain' | 'software';
}

/** Heights in CSS pixels. Places along the axis are shares of the width, so that text keeps its size on any screen. */
const ROW = 40;
const AXIS = 26;

/** Times in ms. Null where there is nothing to draw. */
export function intervalChart(bars: readonly IntervalBar[]): Markup | null {
  if (bars.length === 0) return null;
  const scale = scaleFor(bars);
  const height = bars.length * ROW + AXIS;
  const ticks = scale.ticks.map((ms) => {
    const x = percent(scale.place(ms));
    return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - AXIS}"/><text class="tick" x="${x}" y="${height - 8}" text-anchor="middle">${roundDuration(ms)}</text>`;
  });
  const rows = bars.map((bar, row) => intervalRow(bar, row * ROW, scale));
  const title = `Median run times with 95 % intervals: ${bars.map(({ label, median }) => `${label} ${duration(median)}`).join(', ')}`;
  return html`<svg class="chart" width="100%" height="${height}" role="img"><title>${title}</title>${ticks}${rows}</svg>`;
}

function intervalRow({ label, median, low, high, emphasis }: IntervalBar, top: number, scale: Scale): Markup {
  const [x, left, right] = [median, low, high].map((ms) => scale.place(ms)) as [number, number, number];
  const y = top + 28;
  const name = html`<text class="name" x="0" y="${top + 15}">${label} <tspan class="value">${duration(median)}</tspan></text>`;
  const bar = html`<rect class="interval" x="${percent(left)}" y="${y - 4}" width="${percent(right - left)}" height="8" rx="3"/>`;
  return html`<g class="${emphasis}">${name}${bar}<circle class="median" cx="${percent(x)}" cy="${y}" r="5"/></g>`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

interface Scale {
  readonly ticks: readonly number[];
  /** A share of the width, from `EDGE` to 1 − `EDGE`. */
  place(ms: number): number;
}

/** Room at both ends for half a tick label. */
const EDGE = 0.06;

const inside = (share: number): number => EDGE + share * (1 - 2 * EDGE);

const LOGARITHMIC_BEYOND = 5;

function scaleFor(bars: readonly IntervalBar[]): Scale {
  const low = Math.min(...bars.map((bar) => bar.low));
  const high = Math.max(...bars.map((bar) => bar.high));
  return low > 0 && high / low > LOGARITHMIC_BEYOND ? logarithmicScale(low, high) : linearScale(high);
}

function linearScale(high: number): Scale {
  const step = niceStep(high / 4);
  const end = Math.max(step, Math.ceil(high / step) * step);
  const count = Math.round(end / step);
  return {
    ticks: Array.from({ length: count + 1 }, (_, i) => i * step),
    place: (ms) => inside(ms / end),
  };
}

function logarithmicScale(low: number, high: number): Scale {
  const [start, end] = [Math.log10(low) - 0.1, Math.log10(high) + 0.1];
  const decades = end - start;
  const marks = decades > 2.2 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const every = Math.max(1, Math.ceil(decades / 5));
  const ticks: number[] = [];
  for (let exponent = Math.floor(start); exponent <= end; exponent += every) {
    for (const mark of marks) {
      const ms = mark * 10 ** exponent;
      if (Math.log10(ms) >= start && Math.log10(ms) <= end) ticks.push(ms);
    }
  }
  return { ticks, place: (ms) => inside((Math.log10(ms) - start) / decades) };
}

/** 1, 2 or 5 times a power of ten, at least `size`. */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const mark = [1, 2, 5, 10].find((candidate) => candidate * power >= size) ?? 10;
  return mark * power;
}
