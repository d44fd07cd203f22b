/**
 * Sessions of one model, one per backend that can still run it. A backend whose call fails is left out from then on,
 * so that a crash or time-out is paid for once; the others go on.
 */
import type { Model } from '@rheobase/exporter';
import { RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import { dtypeBits } from '@rheobase/exporter/tensor';
import type { BackendId, Feeds, ModelSource, RunResult, Session, SessionOptions } from '@rheobase/runtime';
import type { Contender } from './contender.js';
import { type ModelUnderTest, sourceOf } from './model-under-test.js';

export interface SessionListener {
  loaded?(contender: Contender, session: Session): void;
  failed(contender: Contender, error: unknown): void;
}

export class ActiveSessions {
  private readonly sessions = new Map<BackendId, { readonly contender: Contender; readonly session: Session }>();
  private readonly loadTimes = new Map<BackendId, number>();

  private constructor(private readonly listener: SessionListener) {}

  /**
   * Opens the model on each backend, one after the other, so that no load is measured beside another. With `derive`, it
   * is a changed version of the model, of each side's own where sides run different ones.
   */
  static async open(
    contenders: readonly Contender[],
    subject: ModelUnderTest,
    options: SessionOptions,
    listener: SessionListener,
    derive?: (model: Model) => Model,
  ): Promise<ActiveSessions> {
    const active = new ActiveSessions(listener);
    const sourceFor = sourcesOf(subject, derive);
    for (const contender of contenders) await active.openOn(contender, sourceFor, options);
    return active;
  }

  /** As `open`, on all backends at a time: for sessions whose load nobody times. */
  static async openTogether(
    contenders: readonly Contender[],
    subject: ModelUnderTest,
    options: SessionOptions,
    listener: SessionListener,
    derive?: (model: Model) => Model,
  ): Promise<ActiveSessions> {
    const active = new ActiveSessions(listener);
    const sourceFor = sourcesOf(subject, derive);
    await Promise.all(contenders.map((contender) => active.openOn(contender, sourceFor, options)));
    return active;
  }

  private async openOn(contender: Contender, sourceFor: SourceOf, options: SessionOptions): Promise<void> {
    try {
      const session = await contender.backend.open(await sourceFor(contender), options);
      this.sessions.set(contender.id, { contender, session });
      this.loadTimes.set(contender.id, session.loadMs);
      this.listener.loaded?.(contender, session);
    } catch (error) {
      this.listener.failed(contender, error);
    }
  }

  get ids(): readonly BackendId[] {
    return [...this.sessions.keys()];
  }

  /** Whether all outputs of the model can be had, which timing needs: it reads back every one. */
  get canBeTimed(): boolean {
    return [...this.sessions.values()].every(
      ({ session }) => fetchableOutputs(session).length === session.outputs.length,
    );
  }

  has(id: BackendId): boolean {
    return this.sessions.has(id);
  }

  /** Duration of session creation in ms, also of a session that was lost since. */
  loadMs(id: BackendId): number {
    return this.loadTimes.get(id) ?? 0;
  }

  /**
   * Does something with a backend's session; if it fails, the backend is left out from then on.
   * @throws whatever `work` throws.
   */
  async use<T>(id: BackendId, work: (session: Session) => Promise<T>): Promise<T> {
    const entry = this.sessions.get(id);
    if (entry === undefined) throw new RheobaseError('failed', 'the session is not open any more', { where: id });
    try {
      return await work(entry.session);
    } catch (error) {
      this.drop(id, error);
      throw error;
    }
  }

  /** Whether the backend runs the model on such feeds; a refusal costs it nothing, a crash or time-out its place. */
  async accepts(id: BackendId, feeds: Feeds): Promise<boolean> {
    const entry = this.sessions.get(id);
    if (entry === undefined) return false;
    try {
      await entry.session.run(feeds, wantedOutputs(entry.session));
      return true;
    } catch (error) {
      const { code } = toPlainError(error);
      if (code === 'crashed' || code === 'timeout') this.drop(id, error);
      return false;
    }
  }

  /** Runs once and fetches every output that can be had. */
  run(id: BackendId, feeds: Feeds): Promise<RunResult | undefined> {
    return this.attempt(id, (session) => session.run(feeds, wantedOutputs(session)));
  }

  /** As `run`, on all backends at a time: each has a process of its own. */
  async runTogether(ids: readonly BackendId[], feeds: Feeds): Promise<Map<BackendId, RunResult>> {
    const results = await Promise.all(ids.map(async (id) => [id, await this.run(id, feeds)] as const));
    return new Map(results.flatMap(([id, result]) => (result === undefined ? [] : [[id, result] as const])));
  }

  /** As `runTogether`, one after the other, so that each run has the machine to itself. */
  async runInTurn(ids: readonly BackendId[], feeds: Feeds): Promise<Map<BackendId, RunResult>> {
    const results = new Map<BackendId, RunResult>();
    for (const id of ids) {
      const result = await this.run(id, feeds);
      if (result !== undefined) results.set(id, result);
    }
    return results;
  }

  /** As `use`, answering undefined where the work fails or the session is gone already. */
  async attempt<T>(id: BackendId, work: (session: Session) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.use(id, work);
    } catch {
      return undefined;
    }
  }

  private drop(id: BackendId, error: unknown): void {
    const entry = this.sessions.get(id);
    if (entry === undefined) return;
    this.sessions.delete(id);
    this.listener.failed(entry.contender, error);
    // The session may be beyond closing; its process or page is ended with the backend.
    entry.session.close().catch(() => {});
  }

  /** Closes the sessions of the backends asked for, else all. */
  async close(which: (id: BackendId) => boolean = () => true): Promise<void> {
    const closing = [...this.sessions].filter(([id]) => which(id));
    for (const [id] of closing) this.sessions.delete(id);
    await Promise.all(closing.map(([, { session }]) => session.close().catch(() => {})));
  }
}

type SourceOf = (contender: Contender) => Promise<ModelSource>;

/** What each side loads; a changed version of a model is made once for all that run it. */
function sourcesOf(subject: ModelUnderTest, derive: ((model: Model) => Model) | undefined): SourceOf {
  const sources = new Map<ModelUnderTest, Promise<ModelSource>>();
  return (contender) => {
    const own = contender.subject ?? subject;
    const source = sources.get(own) ?? sourceOf(own, derive);
    sources.set(own, source);
    return source;
  };
}

/** @throws RheobaseError `unsupported` where not one output of the model can be had. */
function wantedOutputs(session: Session): readonly string[] {
  const names = fetchableOutputs(session);
  if (names.length > 0) return names;
  const types = session.outputs.map(
    (output) => `${output.name}: ${output.kind === 'tensor' ? output.dtype : 'no tensor'}`,
  );
  throw new RheobaseError('unsupported', "ONNX Runtime's JavaScript API can carry none of the model's outputs", {
    where: types.join(', '),
    remedy: 'put a Cast at the end of the model',
  });
}

/**
 * The outputs of a session that can be had: ONNX Runtime's JavaScript API carries no sequences, optionals and maps, and
 * no type narrower than a byte.
 */
export function fetchableOutputs({ outputs }: Session): readonly string[] {
  return outputs
    .filter((output) => output.kind === 'tensor' && (output.dtype === 'string' || dtypeBits(output.dtype) >= 8))
    .map(({ name }) => name);
}
