/** A time limit for work that cannot be asked to stop; whoever set it ends what was working. */
import { RheobaseError } from '@rheobase/exporter/errors';

/** @throws RheobaseError `timeout` where the work is not done after `ms` milliseconds. */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `took longer than ${ms} ms and was ended`;
      reject(new RheobaseError('timeout', what, { remedy: 'allow more time (timeoutMs)' }));
    }, ms);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
