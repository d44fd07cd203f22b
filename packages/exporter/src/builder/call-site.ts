/**
 * Where in the caller's own code an operator was called. Capturing is cheap and the text is made only when an error
 * needs it. What a call keeps for errors of later (on building) is just the nearest frame, who called the operator's
 * function: ten thousand calls that keep sixteen frames each spend most of their time on that. An error at the call
 * itself looks as far as it takes.
 */
const NEAREST_FRAMES = 1;
/** Operators call operators: a threshold inside a layer is a dozen frames below its caller. */
const ALL_FRAMES = 24;

/** A function whose own frames, and those of what it called, are left out. */
type Below = (...values: never[]) => unknown;

/** The sites of operator calls by script and position: ten thousand calls in a loop are one site, kept once. */
const known = new Map<string, Map<number, CallSite>>();

/** Who called `below`. */
export function callerOf(below: Below): CallSite {
  const frame = nearestFrame(below);
  const script = frame?.getFileName();
  const position = frame?.getPosition?.();
  if (typeof script !== 'string' || position === undefined) return new CallSite(below);
  const sites = known.get(script) ?? new Map<number, CallSite>();
  const site = sites.get(position) ?? new CallSite(below);
  if (!sites.has(position)) known.set(script, sites.set(position, site));
  return site;
}

/** What V8 tells of a frame; `getPosition` counts characters from the start of the script, and is cheap where lines are not. */
type Frame = NodeJS.CallSite & { getPosition?(): number };

function nearestFrame(below: Below): Frame | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = NEAREST_FRAMES;
  Error.prepareStackTrace = firstFrame;
  try {
    const holder: { stack?: Frame } = {};
    captureStack?.(holder, below);
    return typeof holder.stack === 'object' ? holder.stack : undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

const firstFrame = (_error: unknown, frames: readonly Frame[]): Frame | undefined => frames[0];

/** V8 has it, other engines may not, whatever the types say. */
const captureStack: typeof Error.captureStackTrace | undefined = Error.captureStackTrace;

export class CallSite {
  /** As engines write it: the frames until somebody reads it, then text. */
  private readonly stack?: string;

  /**
   * @param below frames of this function and those it called are left out; without it, all are kept.
   */
  constructor(below?: Below) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = below === undefined ? ALL_FRAMES : NEAREST_FRAMES;
    if (captureStack === undefined) this.stack = new Error().stack ?? '';
    else captureStack(this, below);
    Error.stackTraceLimit = limit;
  }

  /** `train.ts:12:5`, undefined where the engine gives no stack or all frames are this package's. */
  get place(): string | undefined {
    for (const line of (this.stack ?? '').split('\n')) {
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
