/** What a training is doing, as a line of progress: the epoch, its loss and accuracy so far. */
import type { FitEvent } from '@rheobase/trainer';
import { progressDisplay } from './progress.js';

export interface TrainProgress {
  onEvent(event: FitEvent): void;
  stop(): void;
}

export function trainProgress(epochs: number): TrainProgress {
  const display = progressDisplay();
  const onEvent = (event: FitEvent): void => {
    switch (event.kind) {
      case 'steps': {
        const share = (event.epoch - 1 + event.stepInEpoch / event.stepsInEpoch) / epochs;
        // A line for every few steps would flood a log.
        if (process.stderr.isTTY) display.update(share, `epoch ${event.epoch}: ${metricsText(event)}`);
        break;
      }
      case 'epoch':
        display.update(
          event.epoch / epochs,
          `epoch ${event.epoch} of ${epochs}: ${metricsText(event)}, ${event.seconds.toFixed(1)} s`,
        );
        break;
      case 'checkpoint':
        break;
      case 'resumed':
        display.update(event.epoch / epochs, `resumed in epoch ${event.epoch}, at step ${event.step}`);
    }
  };
  return { onEvent, stop: () => display.stop() };
}

function metricsText({ loss, accuracy }: { readonly loss: number; readonly accuracy: number | null }): string {
  return `loss ${loss.toFixed(4)}${accuracy === null ? '' : `, accuracy ${(accuracy * 100).toFixed(2)} %`}`;
}
