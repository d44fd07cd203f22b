/** A backend that counts what verification asks of it, so that bare ONNX Runtime can be asked for the same. */
import type { Backend, SessionOptions } from '@rheobase/runtime';

/** One session that was opened. */
export interface SessionCount {
  /** The model file, null for a version of a model that was made on the way. */
  readonly path: string | null;
  readonly profiled: boolean;
  /** Single runs, whose outputs are read. */
  runs: number;
  /** Runs of warm-up and timing. */
  timed: number;
}

export interface CountedBackend {
  readonly backend: Backend;
  readonly sessions: readonly SessionCount[];
}

export function countedBackend(backend: Backend): CountedBackend {
  const sessions: SessionCount[] = [];
  const open: Backend['open'] = async (model, options: SessionOptions = {}) => {
    const session = await backend.open(model, options);
    const count = { path: 'path' in model ? model.path : null, profiled: options.profile === true, runs: 0, timed: 0 };
    sessions.push(count);
    return {
      ...session,
      run: (feeds, fetches) => {
        count.runs += 1;
        return session.run(feeds, fetches);
      },
      time: (feeds, samples, runsPerSample = 1) => {
        count.timed += samples * runsPerSample;
        return session.time(feeds, samples, runsPerSample);
      },
    };
  };
  return { backend: { ...backend, open }, sessions };
}
