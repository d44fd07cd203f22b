/**
 * One backend in a sweep: opens a model, runs it, and turns whatever happens into an outcome. After a crash the
 * backend starts afresh with the next run, so that one set of values costs no other.
 */
import { RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, BackendId, Feeds, Session } from '@rheobase/runtime';

export type Outcome =
  | { readonly status: 'ran'; readonly outputs: Readonly<Record<string, Tensor>> }
  /**
   * - `unsupported`: no kernel, or a type that cannot be carried.
   * - `error`: the runtime refused, though it has the kernel.
   * - `crash`, `hang`: the process or page ended, or gave no answer in time.
   * - `skipped`: not tried, because it has crashed on this model too often.
   */
  | { readonly status: 'unsupported' | 'error' | 'crash' | 'hang' | 'skipped'; readonly reason: string };

/** Crashes on one model after which it is left alone: each costs a process or a browser. */
const PATIENCE = 3;

export class Contender {
  private session: Session | undefined;
  private model: Uint8Array | undefined;
  /** Why the model cannot be opened at all. */
  private refusal: Outcome | null = null;
  private crashes = 0;

  constructor(
    private readonly backend: Backend,
    private readonly timeoutMs: number,
  ) {}

  get id(): BackendId {
    return this.backend.id;
  }

  /** Opens a model in place of the one before. Where it cannot, every run of it answers why. */
  async load(model: Uint8Array): Promise<void> {
    await this.unload();
    this.model = model;
    this.crashes = 0;
    this.refusal = await this.reopen();
  }

  async run(feeds: Feeds): Promise<Outcome> {
    if (this.refusal !== null) return this.refusal;
    if (this.crashes >= PATIENCE) return { status: 'skipped', reason: 'it has crashed too often on this model' };
    const closed = this.session === undefined ? await this.reopen() : null;
    if (closed !== null) return closed;
    try {
      return { status: 'ran', outputs: (await this.opened().run(feeds)).outputs };
    } catch (error) {
      return this.failure(error);
    }
  }

  async unload(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    // A backend that fails to let go of a session shows it with the next one.
    await session?.close().catch(() => {});
  }

  private async reopen(): Promise<Outcome | null> {
    if (this.model === undefined) throw new Error('a contender is run before it has a model');
    try {
      this.session = await this.backend.open({ bytes: this.model }, { timeoutMs: this.timeoutMs });
      return null;
    } catch (error) {
      return this.failure(error);
    }
  }

  private opened(): Session {
    if (this.session === undefined) throw new Error('a contender is run before it is open');
    return this.session;
  }

  private failure(error: unknown): Outcome {
    if (!(error instanceof RheobaseError)) throw error;
    const reason = error.where === undefined ? error.what : `${error.where}: ${error.what}`;
    switch (error.code) {
      case 'crashed':
      case 'timeout':
      case 'unavailable':
        this.crashes += 1;
        this.session = undefined;
        return { status: error.code === 'timeout' ? 'hang' : 'crash', reason };
      case 'unsupported':
        return { status: 'unsupported', reason };
      default:
        return { status: 'error', reason };
    }
  }
}
