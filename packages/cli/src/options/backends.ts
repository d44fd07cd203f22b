/** Options of every command that runs models on backends. */
import type { Backend, BackendId } from '@rheobase/runtime';
import { DEFAULT_BACKENDS, parseBackendList } from '../backends.js';

export interface BackendArguments {
  backends?: string[];
  require?: string[];
  timeout: number;
}

export const TIMEOUT_HELP =
  'Seconds that a single load or run may take; starting a backend may take as long, and 60 at least';

/** For yargs’ `options`. */
export const BACKEND_OPTIONS = {
  backends: {
    type: 'string',
    array: true,
    describe: 'Backends, separated by commas; default the six standard ones',
  },
  require: { type: 'string', array: true, describe: 'Exit with 3 when one of these is missing or fails' },
  timeout: { type: 'number', default: 120, describe: TIMEOUT_HELP },
} as const;

export interface ChosenBackends {
  /** In the order given; the required ones belong to the run whether named or not. */
  readonly ids: readonly BackendId[];
  readonly required: readonly BackendId[];
}

/** @throws RheobaseError `bad-input` for a name that is no backend. */
export function chosenBackends(args: Pick<BackendArguments, 'backends' | 'require'>): ChosenBackends {
  const required = parseBackendList(args.require) ?? [];
  return { ids: [...new Set([...(parseBackendList(args.backends) ?? DEFAULT_BACKENDS), ...required])], required };
}

export async function closeAll(backends: readonly Backend[]): Promise<void> {
  await Promise.all(backends.map((backend) => backend.close()));
}
