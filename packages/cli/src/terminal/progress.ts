/**
 * Progress of long work on standard error: one live line with a bar on a terminal; elsewhere a plain line whenever
 * the text changes, so that a log shows the steps and nothing flickers.
 */
import type logUpdate from 'log-update';
import { createLogUpdate } from 'log-update';

export interface ProgressDisplay {
  /** `share` done, 0 to 1, and what is under way. */
  update(share: number, text: string): void;
  /** Removes the live line. */
  stop(): void;
}

const BAR_WIDTH = 24;

export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? liveLine(stream) : plainLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): ProgressDisplay {
  const draw: typeof logUpdate = createLogUpdate(stream);
  const started = Date.now();
  return {
    update: (share, text) => {
      const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      const percent = `${Math.round(share * 100)} %`.padStart(5);
      draw(`${bar} ${percent}  ${text}  ${remaining(share, Date.now() - started)}`.trimEnd());
    },
    stop: () => draw.clear(),
  };
}

function plainLines(stream: NodeJS.WriteStream): ProgressDisplay {
  let last = '';
  return {
    update: (_share, text) => {
      if (text === last) return;
      last = text;
      stream.write(`${text}\n`);
    },
    stop: () => {},
  };
}

/** Linear extrapolation, told only once it means something. */
function remaining(share: number, elapsedMs: number): string {
  if (share < 0.05 || elapsedMs < 3000) return '';
  const seconds = Math.round((elapsedMs * (1 - share)) / share / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
}
