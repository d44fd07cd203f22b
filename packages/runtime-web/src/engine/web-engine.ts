/**
 * An engine in this page or worker: sessions take turns, and the death of what runs them (a trapped WASM module, a lost
 * GPU device) is a `crashed` error of the call under way and of every later one.
 */
import { RheobaseError } from '@rheobase/exporter/errors';
import type { Session } from '@rheobase/runtime';
import { type Engine, ortEngine } from '@rheobase/runtime/host';
import { buildOf, type WebProvider } from './ort-build.js';
import { type RuntimeOptions, startRuntime } from './ort-runtime.js';
import { type WebHostOptions, webHost } from './web-host.js';

export interface WebEngineOptions extends RuntimeOptions, WebHostOptions {
  /**
   * Threads of WASM; default: every core up to 4 where the page is cross-origin isolated, else 1. They are started once
   * for the whole page or worker, with the first session.
   */
  readonly threads?: number;
}

export interface WebEngine extends Engine {
  /** Resolves with the reason when the engine has died; never rejects. */
  readonly died: Promise<RheobaseError>;
}

export function webEngine(provider: WebProvider, options: WebEngineOptions = {}): WebEngine {
  const build = buildOf(provider);
  const start = (threads = options.threads) =>
    startRuntime(build, { ...options, ...(threads === undefined ? {} : { threads }) });
  let dead: RheobaseError | undefined;
  let tellDeath: (error: RheobaseError) => void = () => {};
  const died = new Promise<RheobaseError>((resolve) => {
    tellDeath = resolve;
  });
  const die = (what: string, cause?: unknown): RheobaseError => {
    dead ??= new RheobaseError('crashed', what, { remedy: 'reload the page', cause });
    tellDeath(dead);
    return dead;
  };
  const engine = ortEngine(
    webHost({
      ...options,
      provider,
      start: (first) => start(first.threads),
      onDeviceLost: (message) => die(`the GPU device was lost: ${message}`),
    }),
  );

  /** One call into ONNX Runtime: in its turn, and given up when the engine dies under it. */
  const guarded = async <T>(threads: number | undefined, work: () => Promise<T>): Promise<T> => {
    const runtime = await start(threads);
    return runtime.inTurn(async () => {
      if (dead !== undefined) throw dead;
      try {
        return await Promise.race([work(), died.then((error) => Promise.reject(error))]);
      } catch (error) {
        if (isTrap(error)) throw die(`the WASM module is broken: ${(error as Error).message}`, error);
        throw error;
      }
    });
  };

  return {
    died,
    probe: () => guarded(undefined, () => engine.probe()),
    open: async (model, sessionOptions) => {
      const { threads } = sessionOptions;
      const session = await guarded(threads, () => engine.open(model, sessionOptions));
      return inTurns(session, (work) => guarded(threads, work));
    },
  };
}

function inTurns(session: Session, turn: <T>(work: () => Promise<T>) => Promise<T>): Session {
  return {
    ...session,
    run: (feeds, fetches) => turn(() => session.run(feeds, fetches)),
    time: (...asked) => turn(() => session.time(...asked)),
    profile: () => turn(() => session.profile()),
    close: () => turn(() => session.close()),
  };
}

/** A WASM module that has trapped or aborted is left in the middle of what it did, and no later call can be trusted. */
function isTrap(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${causeOf(error)}` : '';
  return /\bAborted\(|\bunreachable\b|memory access out of bounds|null function or function signature|table index is out/.test(
    text,
  );
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? cause.message : '';
}
