/** The loss as a line over the steps, on a scale from 0 to the greatest loss so far. */

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [600, 240];

export interface Point {
  readonly step: number;
  readonly loss: number;
}

/** @param steps how many there will be: the width of the chart. */
export function drawCurve(chart: SVGSVGElement, points: readonly Point[], steps: number): void {
  const greatest = Math.max(...points.map(({ loss }) => loss), Number.MIN_VALUE);
  const place = ({ step, loss }: Point) =>
    `${((step / steps) * WIDTH).toFixed(1)},${(HEIGHT - (loss / greatest) * (HEIGHT - 8)).toFixed(1)}`;
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('points', points.map(place).join(' '));
  chart.replaceChildren(line);
}
