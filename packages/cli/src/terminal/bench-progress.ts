/** What a bench is doing, as a line of progress. */
import type { BenchEvent } from '@rheobase/harness';
import { progressDisplay } from './progress.js';

export interface BenchProgress {
  onEvent(event: BenchEvent): void;
  stop(): void;
}

/** Share of the whole that probing takes. */
const PROBING = 0.15;

/** `turnsPerBackend`: how many numbers of threads are timed on each. */
export function benchProgress(backendCount: number, turnsPerBackend: number): BenchProgress {
  const display = progressDisplay();
  let probed = 0;
  let available = 0;
  let turn = -1;
  const within = (share: number): number => {
    const turns = Math.max(1, available * turnsPerBackend);
    return PROBING + ((1 - PROBING) * (turn + share)) / turns;
  };
  const onEvent = (event: BenchEvent): void => {
    switch (event.kind) {
      case 'probed': {
        const isThere = event.availability.available;
        probed += 1;
        if (isThere) available += 1;
        display.update((PROBING * probed) / backendCount, `${event.backend} ${isThere ? 'ready' : 'unavailable'}`);
        break;
      }
      case 'loading':
        turn += 1;
        display.update(within(0), `${placeOf(event)}: loading`);
        break;
      case 'timing':
        display.update(within(event.round / event.rounds), `${placeOf(event)}: timing ${event.case}`);
        break;
      case 'failed':
        display.update(within(1), `${placeOf(event)}: failed (${event.code})`);
    }
  };
  return { onEvent, stop: () => display.stop() };
}

function placeOf({ backend, threads }: { readonly backend: string; readonly threads: number | null }): string {
  return threads === null ? backend : `${backend}, threads ${threads}`;
}
