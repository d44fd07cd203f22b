/** The error that some work ends in, which must be one of ours. */
import { RheobaseError } from '@rheobase/exporter/errors';

export async function failure(work: Promise<unknown>): Promise<RheobaseError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RheobaseError)) throw new Error(`expected a RheobaseError, got ${String(error)}`);
  return error;
}
