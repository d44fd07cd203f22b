/** A time limit for work that cannot be asked to stop; whoever set it ends what was working. */
import { RheobaseError } from '@rheobase/exporter/errors';

/**
 * `missed`: what is said of work that is late, before the time and the remedy.
 * @throws RheobaseError `timeout` where the work is not done after `ms` milliseconds.
 */
export async function withTimeout<T>(work: Promise<T>, ms: number, missed = 'took longer than'): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lateness(ms, missed)), ms);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is late, after how long, and what helps. */
export function lateness(ms: number, missed: string): RheobaseError {
  const time = ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
  const remedy = 'allow more time (timeoutMs; on the command line --timeout, in seconds), or leave it out';
  return new RheobaseError('timeout', `${missed} ${time} and was ended`, { remedy });
}
