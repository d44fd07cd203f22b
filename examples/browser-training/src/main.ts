/** The page: starts and stops the worker's training, and draws what it tells. */
import type { WebProvider } from '@rheobase/runtime-web';
import { drawCurve, type Point } from './curve.js';
import type { Answer, Question } from './training.worker.js';

const BATCH = 32;

const outcome = element('outcome', HTMLElement);
const worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
const ask = (question: Question): void => worker.postMessage(question);
let points: Point[] = [];
let steps = 1;
let epochs = 1;
drawEmpty();

element('choices', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const number = (id: string): number => element(id, HTMLInputElement).valueAsNumber;
  const [images, theta] = [number('images'), number('theta')];
  epochs = number('epochs');
  points = [];
  steps = epochs * Math.ceil(images / BATCH);
  outcome.className = '';
  outcome.textContent = 'Loading ONNX Runtime and MNIST …';
  drawEmpty();
  setBusy(true);
  ask({ ask: 'train', provider: element('provider', HTMLSelectElement).value as WebProvider, images, epochs, theta });
});
element('stop', HTMLButtonElement).addEventListener('click', () => ask({ ask: 'stop' }));

worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
  switch (data.kind) {
    case 'started':
      element('backend', HTMLElement).textContent = data.backend;
      break;
    case 'steps':
      points.push(data);
      drawCurve(element('curve', SVGSVGElement), points, steps, epochs);
      outcome.textContent = `epoch ${data.epoch}, step ${data.step} of ${steps}: loss ${data.loss.toFixed(3)}, accuracy ${percent(data.accuracy)}`;
      break;
    case 'done':
      setBusy(false);
      outcome.textContent = `Trained: ${percent(data.accuracy)} of the test images, ${percent(data.silent)} of the neurons silent · ${data.msPerStep.toFixed(2)} ms a step`;
      break;
    case 'failed':
      setBusy(false);
      outcome.className = 'failed';
      outcome.textContent = data.message;
  }
});

/** The scales, before there is a loss. */
function drawEmpty(): void {
  drawCurve(element('curve', SVGSVGElement), [], 1, element('epochs', HTMLInputElement).valueAsNumber || 1);
}

function setBusy(busy: boolean): void {
  element('start', HTMLButtonElement).disabled = busy;
  element('stop', HTMLButtonElement).disabled = !busy;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function element<E extends Element>(id: string, type: new () => E): E {
  const found = document.getElementById(id) as Element | null;
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} named ${id}`);
}
