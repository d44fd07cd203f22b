/**
 * One small error family for every package. An error says three things: what is wrong, where (file, node, value),
 * and what to do about it. The command line prints exactly that as one line; programs read `code`.
 *
 * Errors cross process and page boundaries as plain objects (`toPlainError`, `fromPlainError`), so that a failure
 * inside a backend's own process reads the same as one raised here.
 */

/**
 * - `bad-input`: what the caller gave cannot be used (file, model, tensor, argument).
 * - `unsupported`: valid, but this opset, provider or runtime has no such thing.
 * - `inexact`: a lowering was asked for that would not compute the same function; it can be forced.
 * - `unavailable`: a backend, browser, driver or data set is not on this machine.
 * - `crashed`: the backend's process or page ended (signal, abort, lost device).
 * - `timeout`: the backend did not answer in time and was ended.
 * - `failed`: the runtime refused or failed to do what it was asked.
 */
export type ErrorCode = 'bad-input' | 'unsupported' | 'inexact' | 'unavailable' | 'crashed' | 'timeout' | 'failed';

export interface ErrorDetails {
  /** File, node or value the error is about, outermost first: `model.onnx`, `node Where_3 (Where)`. */
  readonly where?: string;
  /** What the reader can do, as an imperative phrase without a full stop. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** The base of all errors that Rheobase raises on purpose. `message` is the whole one-line text. */
export class RheobaseError extends Error {
  readonly code: ErrorCode;
  /** The bare statement of what is wrong, without place and remedy. */
  readonly what: string;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    super(oneLine(what, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RheobaseError';
    this.code = code;
    this.what = what;
    this.where = details.where;
    this.remedy = details.remedy;
  }

  /** The same error, placed inside an outer place: a file around a node, a command around a file. */
  within(outer: string): RheobaseError {
    const where = this.where === undefined ? outer : `${outer}: ${this.where}`;
    return new RheobaseError(this.code, this.what, {
      where,
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      cause: this.cause ?? this,
    });
  }
}

/** Shorthand for the commonest error: the caller's input cannot be used. */
export function badInput(what: string, details: ErrorDetails = {}): RheobaseError {
  return new RheobaseError('bad-input', what, details);
}

export interface PlainError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: string;
  readonly remedy?: string;
  readonly stack?: string;
}

/** Any thrown value as a plain object that survives JSON and structured clone. */
export function toPlainError(error: unknown, fallback: ErrorCode = 'failed'): PlainError {
  if (error instanceof RheobaseError) {
    const { code, what, where, remedy, stack } = error;
    return { code, what, ...definedOnly({ where, remedy, stack }) };
  }
  if (error instanceof Error) {
    return { code: fallback, what: firstLine(error.message), ...definedOnly({ stack: error.stack }) };
  }
  return { code: fallback, what: firstLine(String(error)) };
}

export function fromPlainError(plain: PlainError): RheobaseError {
  const { code, what, where, remedy, stack } = plain;
  const error = new RheobaseError(code, what, definedOnly({ where, remedy }));
  if (stack !== undefined) error.stack = stack;
  return error;
}

function oneLine(what: string, { where, remedy }: ErrorDetails): string {
  const place = where === undefined ? '' : `${where}: `;
  const advice = remedy === undefined ? '' : `; ${remedy}`;
  return `${place}${what}${advice}`.replace(/\s*\n\s*/g, ' ');
}

function firstLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

function definedOnly<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
