/** Trains away from the page, which stays free to draw. */
import { toPlainError } from '@rheobase/exporter/errors';
import { type WebProvider, webBackend } from '@rheobase/runtime-web';
import { type FitEvent, trainRecipe } from '@rheobase/trainer';
import { digits } from './digits.js';

export type Question =
  | {
      readonly ask: 'train';
      readonly provider: WebProvider;
      readonly images: number;
      readonly epochs: number;
      readonly theta: number;
    }
  | { readonly ask: 'stop' };

export type Answer =
  | { readonly kind: 'started'; readonly backend: string }
  | {
      readonly kind: 'steps';
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly accuracy: number;
    }
  | { readonly kind: 'done'; readonly accuracy: number; readonly silent: number; readonly msPerStep: number }
  | { readonly kind: 'failed'; readonly message: string };

const TEST_IMAGES = 1000;
let stop = new AbortController();

async function train({ provider, images, epochs, theta }: Extract<Question, { ask: 'train' }>): Promise<Answer> {
  const backend = webBackend(provider);
  const availability = await backend.probe();
  if (!availability.available) return { kind: 'failed', message: availability.reason };
  const { implementation, device } = availability;
  tell({ kind: 'started', backend: device === null ? implementation : `${implementation}, on ${device}` });
  const [train, test] = await Promise.all([digits('train', images), digits('test', TEST_IMAGES)]);
  const { log } = await trainRecipe('mnist-mlp', {
    ...{ backend, train, test, epochs, threshold: theta },
    signal: stop.signal,
    onEvent: lossOfEachRun(),
  });
  const [silent] = Object.values(log.sparsity);
  return { kind: 'done', accuracy: log.test.accuracy ?? Number.NaN, silent, msPerStep: log.msPerStep };
}

/** Events tell the mean loss of the epoch so far; a curve wants that of the steps since the event before. */
function lossOfEachRun(): (event: FitEvent) => void {
  let before = { epoch: 0, steps: 0, sum: 0 };
  return (event) => {
    if (event.kind !== 'steps') return;
    const { epoch, step, stepInEpoch: steps, loss, accuracy } = event;
    const sum = loss * steps;
    const same = before.epoch === epoch ? before : { epoch, steps: 0, sum: 0 };
    before = { epoch, steps, sum };
    tell({
      kind: 'steps',
      step,
      epoch,
      loss: (sum - same.sum) / (steps - same.steps),
      accuracy: accuracy ?? Number.NaN,
    });
  };
}

function tell(answer: Answer): void {
  self.postMessage(answer);
}

self.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  if (data.ask === 'stop') return stop.abort();
  stop = new AbortController();
  tell(await train(data).catch((error): Answer => ({ kind: 'failed', message: toPlainError(error).what })));
});
