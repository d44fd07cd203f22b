/**
 * An engine is ONNX Runtime itself, in the process or page where it runs: what a backend's remote end serves, and
 * what a program uses directly when it wants no process in between (a page that ships a model, a training loop whose
 * steps are shorter than a message). `asBackend` gives it the Backend contract without any isolation.
 */
import type { Availability, Available, Backend, BackendId, ModelSource, Session, SessionOptions } from '../contract.js';
import { unavailable } from './remote-backend.js';

export interface Engine {
  /**
   * Creates a session, runs it and checks what came out and where it ran.
   * @throws RheobaseError `unavailable` where the provider is not there.
   */
  probe(): Promise<Available>;
  open(model: ModelSource, options: SessionOptions): Promise<Session>;
}

/**
 * The engine as a backend in this very process: fastest, and a native abort ends the caller too.
 * `remedy` answers an unavailable probe with what would bring the backend.
 */
export function asBackend(id: BackendId, engine: Engine, remedy: string | null = null): Backend {
  let probed: Promise<Availability> | undefined;
  const probe = async (): Promise<Availability> => {
    try {
      return await engine.probe();
    } catch (error) {
      return unavailable(error, remedy);
    }
  };
  return {
    id,
    probe: () => {
      probed ??= probe();
      return probed;
    },
    open: (model, options = {}) => engine.open(model, options),
    close: async () => {},
  };
}
