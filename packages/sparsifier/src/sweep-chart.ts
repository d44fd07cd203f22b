/** Accuracy, error and speed against sparsity as one SVG: what a person picks another point by. */
import type { SparsifySweepPoint } from './report.js';

const WIDTH = 680;
const HEIGHT = 280;
const MARGIN = 44;

type Point = readonly [sparsity: number, value: number];

/** Accuracy (solid) and error (dashed) on the left axis, 0 to 1; speed (dotted), where it was measured, on the right one. */
export function sweepChart(sweep: readonly SparsifySweepPoint[]): string {
  const accuracies = curve(sweep, ({ accuracy }) => accuracy);
  const speeds = curve(sweep, ({ speed }) => speed);
  const fastest = Math.ceil(Math.max(1, ...speeds.map(([, speed]) => speed)));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const right =
      speeds.length === 0 ? '' : label(WIDTH - MARGIN + 6, y(share) + 4, `${(share * fastest).toFixed(1)} ×`, 'start');
    return (
      label(x(share), HEIGHT - MARGIN + 18, percent(share, 0), 'middle') +
      label(MARGIN - 6, y(share) + 4, percent(share, 0), 'end') +
      right
    );
  });
  const legend = `silent neurons (solid: accuracy, dashed: relative error at the output${speeds.length === 0 ? '' : ', dotted: speed, right'})`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-label="accuracy, error and speed against sparsity">
<line class="axis" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(0)}"/><line class="axis" x1="${x(0)}" y1="${y(0)}" x2="${x(0)}" y2="${y(1)}"/>
${ticks.join('\n')}
${line('accuracy', accuracies, 1, (share) => percent(share))}
${line(
  'error',
  curve(sweep, ({ outputError }) => outputError),
  1,
  (share) => percent(share),
)}
${line('speed', speeds, fastest, (speed) => `${speed.toFixed(2)} ×`)}
${label(WIDTH / 2, HEIGHT - 4, legend, 'middle')}
</svg>`;
}

function curve(sweep: readonly SparsifySweepPoint[], value: (point: SparsifySweepPoint) => number | null): Point[] {
  return sweep.flatMap((point) => {
    const own = value(point);
    return own === null ? [] : [[point.sparsity, own] as const];
  });
}

function line(kind: string, points: readonly Point[], top: number, text: (value: number) => string): string {
  if (points.length === 0) return '';
  const at = ([sparsity, value]: Point) => [x(sparsity).toFixed(1), y(value / top).toFixed(1)] as const;
  const marks = points.map((point) => {
    const [cx, cy] = at(point);
    const tip = `<title>${percent(point[0])} silent: ${kind} ${text(point[1])}</title>`;
    return `<circle class="curve ${kind}" cx="${cx}" cy="${cy}" r="3">${tip}</circle>`;
  });
  const path = points.map((point) => at(point).join(',')).join(' ');
  return `<polyline class="curve ${kind}" points="${path}"/>${marks.join('')}`;
}

function label(atX: number, atY: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${atX}" y="${atY}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

function x(sparsity: number): number {
  return MARGIN + sparsity * (WIDTH - 2 * MARGIN);
}

function y(share: number): number {
  return HEIGHT - MARGIN - Math.min(1, Math.max(0, share)) * (HEIGHT - 2 * MARGIN);
}

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
