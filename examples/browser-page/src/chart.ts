/** Draws each neuron as a bar from zero to its x, those that fire in colour, and the threshold as a line across. */

const SVG = 'http://www.w3.org/2000/svg';

/** Answers how many neurons fire: those with an output. The chart is as wide as there are neurons, and goes from −1 to 1. */
export function drawNeurons(chart: SVGSVGElement, x: Float32Array, y: Float32Array, theta: number): number {
  const bars = [...x].map((value, index) => {
    const bar = document.createElementNS(SVG, 'rect');
    setAttributes(bar, {
      x: index + 0.15,
      y: -Math.max(value, 0),
      width: 0.7,
      height: Math.max(Math.abs(value), 0.01),
    });
    bar.classList.toggle('fires', y[index] !== 0);
    return bar;
  });
  const line = document.createElementNS(SVG, 'line');
  setAttributes(line, { x1: 0, x2: x.length, y1: -theta, y2: -theta });
  chart.replaceChildren(...bars, line);
  return y.filter((output) => output !== 0).length;
}

function setAttributes(element: SVGElement, attributes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
