/**
 * Where in the caller's own code an operator was called. Capturing is cheap (the engine keeps the frames); the text is
 * made only when an error needs it.
 */
export class CallSite {
  readonly #captured: Error;

  constructor() {
    // Operators call operators; the ten frames that engines keep by default may not reach the caller.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 16;
    this.#captured = new Error();
    Error.stackTraceLimit = limit;
  }

  /** `train.ts:12:5`, undefined where the engine gives no stack or all frames are this package's. */
  get place(): string | undefined {
    for (const line of (this.#captured.stack ?? '').split('\n')) {
      const place = FRAME_PLACE.exec(line.trim())?.[1];
      if (place !== undefined && !isOwn(place)) return withoutScheme(place);
    }
    return undefined;
  }
}

/** The file and position at the end of a frame: `at f (file:///a.js:1:2)` in V8, `f@http://host/a.js:1:2` elsewhere. */
const FRAME_PLACE = /(?:^|[\s(@])((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/;

/** This package's folder, undefined where a bundler has left no module of its own. */
const OWN_FOLDER = import.meta.url ? withoutScheme(new URL('..', import.meta.url).href) : undefined;

/** Tests lie among the units they test, and are callers all the same. */
function isOwn(place: string): boolean {
  return OWN_FOLDER !== undefined && withoutScheme(place).startsWith(OWN_FOLDER) && !/\.test\.[jt]s:/.test(place);
}

function withoutScheme(place: string): string {
  return place.replace(/^file:\/\//, '');
}
