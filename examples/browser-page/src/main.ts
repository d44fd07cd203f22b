/** The page: asks the worker for a run whenever θ or the provider changes, and draws what comes back. */
import type { WebProvider } from '@rheobase/runtime-web';
import { drawNeurons } from './chart.js';
import { NEURONS, stimulus } from './neurons.js';
import type { Answer, Question } from './neurons.worker.js';

const x = stimulus();
const slider = element('theta', HTMLInputElement);
const outcome = element('outcome', HTMLElement);

const worker = new Worker(new URL('./neurons.worker.ts', import.meta.url), { type: 'module' });
const ask = (question: Question): void => worker.postMessage(question);
let busy = false;
let stale = false;

/** One run at a time: while one is under way, only the last position of the slider counts. */
function run(): void {
  element('theta-value', HTMLOutputElement).value = slider.valueAsNumber.toFixed(2);
  stale = busy;
  if (busy) return;
  busy = true;
  ask({ ask: 'run', x, theta: slider.valueAsNumber });
}

function open(provider: WebProvider): void {
  busy = true;
  slider.disabled = true;
  outcome.textContent = 'Loading ONNX Runtime …';
  ask({ ask: 'open', provider });
}

worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
  busy = false;
  switch (data.kind) {
    case 'opened':
      slider.disabled = false;
      element('backend', HTMLElement).textContent = data.backend;
      run();
      break;
    case 'ran': {
      const firing = drawNeurons(element('chart', SVGSVGElement), x, data.y, data.theta);
      outcome.textContent = `${firing} of ${NEURONS} neurons fire · ${data.ms.toFixed(2)} ms`;
      if (stale) run();
      break;
    }
    case 'failed':
      outcome.textContent = data.message;
      element('backend', HTMLElement).textContent = '';
  }
});

slider.addEventListener('input', run);
element('providers', HTMLElement).addEventListener('change', ({ target }) => {
  open((target as HTMLInputElement).value as WebProvider);
});
open('wasm');

function element<E extends Element>(id: string, type: new () => E): E {
  const found = document.getElementById(id) as Element | null;
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} named ${id}`);
}
