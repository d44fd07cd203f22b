/** Ctrl-C as a wish: the first one lets work in hand end and be kept, a second one ends the process as ever. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** From here on Ctrl-C ends the process again. */
  end(): void;
}

export function interruption(): Interruption {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  return { signal: controller.signal, end: () => process.off('SIGINT', abort) };
}
