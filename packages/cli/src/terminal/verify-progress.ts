/** What a verification is doing, as a line of progress: probing, then each model's cases, timing and examination. */
import { basename } from 'node:path';
import type { VerifyEvent } from '@rheobase/harness';
import { progressDisplay } from './progress.js';

export interface VerifyProgress {
  onEvent(event: VerifyEvent): void;
  stop(): void;
}

/** Share of the whole that probing takes, and of a model's turn that each of its stages starts at. */
const PROBING = 0.15;
const STAGE = { loading: 0, comparing: 0.15, timing: 0.3, examining: 0.75 } as const;

export function verifyProgress(backendCount: number): VerifyProgress {
  const display = progressDisplay();
  let probed = 0;
  let turn = { index: 0, count: 1 };

  const within = (share: number): number => PROBING + ((1 - PROBING) * (turn.index + share)) / turn.count;
  const onEvent = (event: VerifyEvent): void => {
    switch (event.kind) {
      case 'probed':
        probed += 1;
        display.update(
          (PROBING * probed) / backendCount,
          `${event.backend} ${event.availability.available ? 'ready' : 'unavailable'}`,
        );
        break;
      case 'model':
        turn = event;
        display.update(within(STAGE.loading), `${basename(event.model)}: loading`);
        break;
      case 'loaded':
        display.update(within(STAGE.loading), `${basename(event.model)}: loaded on ${event.backend}`);
        break;
      case 'compared':
        display.update(
          within(STAGE.comparing),
          `${basename(event.model)}: ${event.case} on ${event.backend}: ${event.verdict}`,
        );
        break;
      case 'timing': {
        const share = event.round / event.rounds;
        display.update(
          within(STAGE.timing + (STAGE.examining - STAGE.timing) * share),
          `${basename(event.model)}: timing ${event.case}`,
        );
        break;
      }
      case 'examining':
        display.update(within(STAGE.examining), `${basename(event.model)}: examining ${event.what}`);
        break;
      case 'failed':
        display.update(
          within(STAGE.examining),
          `${basename(event.model)}: ${event.backend} failed (${event.error.code})`,
        );
        break;
      case 'done':
        display.update(1, event.verdict);
    }
  };
  return { onEvent, stop: () => display.stop() };
}
