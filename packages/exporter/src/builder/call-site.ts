/**
 * Where in the caller's own code an operator was called. Capturing is cheap (the engine keeps the frames); the text is
 * made only when an error needs it.
 */
export class CallSite {
  readonly #captured: Error;

  constructor() {
    this.#captured = new Error();
  }

  /** `train.ts:12:5`, undefined where the engine gives no stack or all frames are this package's. */
  get place(): string | undefined {
    for (const line of (this.#captured.stack ?? '').split('\n').slice(1)) {
      const place = /\(?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1];
      if (place !== undefined && !isOwn(place)) return place.replace(/^file:\/\//, '');
    }
    return undefined;
  }
}

const OWN_FOLDER = new URL('..', import.meta.url).href.replace(/^file:\/\//, '');

/** Tests lie among the units they test, and are callers all the same. */
function isOwn(place: string): boolean {
  return place.replace(/^file:\/\//, '').startsWith(OWN_FOLDER) && !/\.test\.[jt]s:/.test(place);
}
