/** Accuracy, error and speed against sparsity as one SVG: what a person picks another point by. */
import type { SparsifySweepPoint } from './report.js';

const WIDTH = 760;
const HEIGHT = 320;
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 52, 40, 48];

type Point = readonly [sparsity: number, value: number];

/** A curve: what it is called, its points, the value at the top of its axis, and how a value is written. */
interface Curve {
  readonly kind: 'accuracy' | 'error' | 'speed';
  readonly name: string;
  readonly points: readonly Point[];
  readonly top: number;
  readonly text: (value: number) => string;
}

/**
 * Accuracy (solid) and error (dashed) on the left axis, 0 to 100 %; speed (dotted), where it was measured, on the right one.
 * @param chosen the sparsity of the finished model, marked by a line.
 */
export function sweepChart(sweep: readonly SparsifySweepPoint[], chosen?: number): string {
  const speeds = pointsOf(sweep, ({ speed }) => speed);
  const fastest = Math.ceil(Math.max(1, ...speeds.map(([, speed]) => speed)));
  const share = (value: number) => percent(value);
  const curves: readonly Curve[] = [
    { kind: 'accuracy', name: 'accuracy', points: pointsOf(sweep, (own) => own.accuracy), top: 1, text: share },
    { kind: 'error', name: 'relative error', points: pointsOf(sweep, (own) => own.outputError), top: 1, text: share },
    { kind: 'speed', name: 'speed (right)', points: speeds, top: fastest, text: (speed) => `${speed.toFixed(2)} ×` },
  ];
  const drawn = curves.filter(({ points }) => points.length > 0);
  const ticks = axisTicks(sweep, chosen);
  const x = (sparsity: number) => {
    const [first = 0, last = 1] = [ticks[0], ticks.at(-1)];
    return LEFT + ((sparsity - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  };
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="accuracy, error and speed against sparsity">
${legend(drawn)}
${grid(speeds.length > 0 ? fastest : undefined)}
${ticks.map((tick) => label(x(tick), HEIGHT - BOTTOM + 18, percent(tick, 0), 'middle')).join('\n')}
${chosen === undefined ? '' : chosenLine(x(chosen), chosen)}
${drawn.map((own) => line(own, x)).join('\n')}
${label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, 'silent neurons', 'middle')}
</svg>`;
}

function pointsOf(sweep: readonly SparsifySweepPoint[], value: (point: SparsifySweepPoint) => number | null): Point[] {
  return sweep.flatMap((point) => {
    const own = value(point);
    return own === null ? [] : [[point.sparsity, own] as const];
  });
}

/** From the least sparsity to all, in steps of 1, 2, 5, 10 or 20 points: what happens does so near the right end. */
function axisTicks(sweep: readonly SparsifySweepPoint[], chosen = 1): readonly number[] {
  const least = Math.min(chosen, 0.99, ...sweep.map(({ sparsity }) => sparsity));
  const step = [1, 2, 5, 10, 20].find((points) => (1 - least) * 100 <= 6 * points) ?? 20;
  const first = Math.floor((least * 100) / step) * step;
  return Array.from({ length: Math.floor((100 - first) / step) + 1 }, (_, tick) => (first + tick * step) / 100);
}

function grid(fastest: number | undefined): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const right =
        fastest === undefined
          ? ''
          : label(WIDTH - RIGHT + 8, y(share) + 4, `${Number((share * fastest).toFixed(2))} ×`, 'start');
      return `<line class="grid" x1="${LEFT}" y1="${y(share)}" x2="${WIDTH - RIGHT}" y2="${y(share)}"/>${label(LEFT - 8, y(share) + 4, percent(share, 0), 'end')}${right}`;
    })
    .join('\n');
}

function legend(curves: readonly Curve[]): string {
  return curves
    .map(({ kind, name }, index) => {
      const at = LEFT + index * 150;
      return `<line class="curve ${kind}" x1="${at}" y1="16" x2="${at + 30}" y2="16"/>${label(at + 36, 20, name, 'start')}`;
    })
    .join('\n');
}

function chosenLine(at: number, sparsity: number): string {
  const text = label(at - 6, TOP - 6, `chosen: ${percent(sparsity)}`, 'end');
  return `<line class="chosen" x1="${at.toFixed(1)}" y1="${TOP}" x2="${at.toFixed(1)}" y2="${HEIGHT - BOTTOM}"/>${text}`;
}

function line({ kind, points, top, text }: Curve, x: (sparsity: number) => number): string {
  const at = ([sparsity, value]: Point) => [x(sparsity).toFixed(1), y(value / top).toFixed(1)] as const;
  const marks = points.map((point) => {
    const [cx, cy] = at(point);
    const tip = `<title>${percent(point[0])} silent: ${kind} ${text(point[1])}</title>`;
    return `<circle class="mark ${kind}" cx="${cx}" cy="${cy}" r="3.5">${tip}</circle>`;
  });
  const path = points.map((point) => at(point).join(',')).join(' ');
  return `<polyline class="curve ${kind}" points="${path}"/>${marks.join('')}`;
}

function label(atX: number, atY: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

function y(share: number): number {
  return HEIGHT - BOTTOM - Math.min(1, Math.max(0, share)) * (HEIGHT - TOP - BOTTOM);
}

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
