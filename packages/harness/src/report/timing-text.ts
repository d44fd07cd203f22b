/** Times as every form of the report tells them, and what is to be said of how they were taken. */
import { counted, duration, durationWithInterval } from './format.js';
import type { BackendRow, Ratio, TimingRow, VerifyReport } from './verify-report.js';

type Timing = Pick<TimingRow, 'medianMs' | 'ciLowMs' | 'ciHighMs' | 'runsPerSecond'>;

/** `412 µs [401, 430]`, for throughput `2,430 runs/s [2,330, 2,490]`; null where nothing was timed. */
export function timingText({ medianMs, ciLowMs, ciHighMs, runsPerSecond }: Timing): string | null {
  if (medianMs === null) return null;
  if (runsPerSecond) return rateText(runsPerSecond);
  return durationWithInterval(medianMs, ciLowMs ?? medianMs, ciHighMs ?? medianMs);
}

function rateText({ median, ciLow, ciHigh }: Ratio): string {
  const [rate, low, high] = [median, ciLow, ciHigh].map((value) =>
    value.toLocaleString('en', { maximumSignificantDigits: 3 }),
  );
  return `${rate} runs/s [${low}, ${high}]`;
}

/** Head of the column of `timingText`, without what it is followed by. */
export function timingHead({ timings }: VerifyReport): 'throughput' | 'median' {
  return timings.some(({ mode }) => mode === 'throughput') ? 'throughput' : 'median';
}

/** What was done where a backend's clock is too coarse for a run, a line for each such backend. */
export function clockNotes({ backends, timings }: VerifyReport): readonly string[] {
  return backends.flatMap((backend) => {
    const own = timings.filter((row) => row.backend === backend.id && row.mode !== 'throughput');
    const most = Math.max(1, ...own.map(({ runsPerSample = 1 }) => runsPerSample));
    return most === 1 ? [] : [clockNote(backend, most)];
  });
}

/** `runs`: what a sample was the mean of, at most. */
export function clockNote(
  { id, clockResolutionMs }: Pick<BackendRow, 'id' | 'clockResolutionMs'>,
  runs: number,
): string {
  const step = clockResolutionMs ? ` has steps of ${duration(clockResolutionMs)}` : ' is coarse';
  return `the clock of ${id}${step}: a sample is the mean of up to ${counted(runs, 'run')}, and so are its percentiles`;
}
