/**
 * How many threads WASM gets. Each is a worker that shares the module's memory, which browsers allow only to pages that
 * are cross-origin isolated (served with COOP and COEP headers).
 */

/**
 * Every core up to four: more threads than cores is many times slower (they spin while they wait for each other), and
 * small models gain nothing beyond four.
 */
export function defaultThreads(cores: number): number {
  return Math.min(4, Math.max(1, cores));
}

/** Whether this page or worker may have more than one. */
export function threadsAllowed(): boolean {
  return globalThis.crossOriginIsolated === true;
}
