/** Every backend the command line can name, made from the packages that implement them. */
import { badInput } from '@rheobase/exporter/errors';
import type { Backend, BackendId } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { browserBackend } from '@rheobase/runtime-web/driver';

/** Tried when `--backends` does not say otherwise, in the order of the report; the first one there is the baseline. */
export const DEFAULT_BACKENDS: readonly BackendId[] = [
  'node/cpu',
  'node/cuda',
  'node/webgpu',
  'node/wasm',
  'chromium/wasm',
  'chromium/webgpu',
];

const OTHERS: readonly BackendId[] = ['node/coreml', 'node/dml', 'chromium/webnn', 'firefox/wasm'];

export const KNOWN_BACKENDS: readonly BackendId[] = [...DEFAULT_BACKENDS, ...OTHERS];

/** Starting has nothing to do with a model, and takes a browser on a busy machine longer than most runs may take. */
const LEAST_START_TIMEOUT_S = 60;

/**
 * `timeout`: seconds that a load or run may take; a start may take as long, and a minute in any case.
 * @throws RheobaseError `bad-input` for a name that is no backend.
 */
export function createBackend(id: BackendId, timeout?: number): Backend {
  if (!KNOWN_BACKENDS.includes(id)) {
    throw badInput(`unknown backend ${JSON.stringify(id)}`, { remedy: `known are ${KNOWN_BACKENDS.join(', ')}` });
  }
  const options = timeout === undefined ? {} : { startTimeoutMs: Math.max(timeout, LEAST_START_TIMEOUT_S) * 1000 };
  return id.startsWith('node/') ? nodeBackend(id, options) : browserBackend(id, options);
}

/** `--backends a,b --backends c` as a list without repeats. */
export function parseBackendList(values: readonly string[] | undefined): readonly BackendId[] | undefined {
  if (values === undefined) return undefined;
  const ids = values.flatMap((value) => value.split(',')).map((id) => id.trim());
  const list = [...new Set(ids.filter((id) => id !== ''))];
  const unknown = list.find((id) => !KNOWN_BACKENDS.includes(id));
  if (unknown !== undefined) {
    throw badInput(`unknown backend ${JSON.stringify(unknown)}`, { remedy: `known are ${KNOWN_BACKENDS.join(', ')}` });
  }
  return list;
}
