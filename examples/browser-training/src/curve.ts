/** The loss as a line over the steps, between a scale of losses from 0 up and one of epochs. */

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [600, 260];
const EDGE = { left: 44, right: 12, top: 12, bottom: 28 };

export interface Point {
  readonly step: number;
  readonly loss: number;
}

/** @param steps how many there will be in all `epochs`: the width of the chart. */
export function drawCurve(chart: SVGSVGElement, points: readonly Point[], steps: number, epochs: number): void {
  const greatest = niceAbove(Math.max(...points.map(({ loss }) => loss), 0));
  const x = (step: number) => EDGE.left + (step / steps) * (WIDTH - EDGE.left - EDGE.right);
  const y = (loss: number) => HEIGHT - EDGE.bottom - (loss / greatest) * (HEIGHT - EDGE.top - EDGE.bottom);
  const line = made('polyline', { points: points.map(({ step, loss }) => `${px(x(step))},${px(y(loss))}`).join(' ') });
  const last = points.at(-1);
  const end = last === undefined ? [] : [made('circle', { cx: px(x(last.step)), cy: px(y(last.loss)), r: '4' })];
  chart.replaceChildren(
    ...lossScale(greatest, y),
    ...epochScale(epochs, (epoch) => x((epoch / epochs) * steps)),
    line,
    ...end,
  );
}

/** Lines across at a quarter of the scale each, with their losses. */
function lossScale(greatest: number, y: (loss: number) => number): SVGElement[] {
  const name = made('text', { x: String(EDGE.left + 6), y: px(y(greatest) + 20) });
  name.textContent = 'loss';
  const quarters = [0, 1, 2, 3, 4].flatMap((quarter) => {
    const loss = (greatest * quarter) / 4;
    const at = px(y(loss));
    const label = made('text', {
      x: String(EDGE.left - 8),
      y: at,
      'text-anchor': 'end',
      'dominant-baseline': 'middle',
    });
    label.textContent = String(Number(loss.toPrecision(2)));
    return [made('line', { x1: String(EDGE.left), x2: String(WIDTH - EDGE.right), y1: at, y2: at }), label];
  });
  return [...quarters, name];
}

/** The ends of epochs; of many, only some. */
function epochScale(epochs: number, x: (epoch: number) => number): SVGElement[] {
  const every = Math.ceil(epochs / 10);
  const shown = Array.from({ length: epochs }, (_, at) => at + 1).filter((epoch) => epoch % every === 0);
  return shown.map((epoch) => {
    const label = made('text', { x: px(x(epoch)), y: String(HEIGHT - 8), 'text-anchor': 'end' });
    label.textContent = `epoch ${epoch}`;
    return label;
  });
}

/** The least of 1, 2, 4, 8 times a power of ten that is not below: quarters of it are round numbers. */
function niceAbove(loss: number): number {
  if (!(loss > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(loss));
  return power * ([1, 2, 4, 8].find((factor) => factor * power >= loss) ?? 10);
}

function made(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function px(length: number): string {
  return length.toFixed(1);
}
