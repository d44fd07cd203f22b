/**
 * A backend that runs nothing: it answers with what one on another machine gave for the same model and inputs. So a
 * verification compares with a recording as it compares with any backend. It knows the outputs of the models alone; whoever
 * wants intermediate values is told so.
 */

import { modelInfo } from '@rheobase/exporter';
import { RheobaseError } from '@rheobase/exporter/errors';
import { readModelFile } from '@rheobase/exporter/node';
import type { Availability, Backend, BackendId, RunResult, Session, ValueMetadata } from '@rheobase/runtime';
import { feedsDigest } from './feeds-digest.js';
import type { Run } from './run.js';

/** `recorded:node/cpu`, so that it can stand beside the one of this machine. */
export function recordedId(backend: BackendId): BackendId {
  return `recorded:${backend}`;
}

/** The backend by its id in the run. */
export function recordedBackend(run: Run, backend: BackendId): Backend {
  const row = run.description.backends.find(({ id }) => id === backend);
  const { os, arch } = run.description.environment;
  const availability: Availability =
    row === undefined || row.status === 'unavailable'
      ? { available: false, reason: 'it was not there when the run was recorded', remedy: null }
      : {
          available: true,
          runtimeVersion: row.runtimeVersion ?? 'unknown',
          implementation: `${row.implementation ?? backend}, recorded on ${os} ${arch}`,
          device: row.device,
          software: row.software,
        };
  return {
    id: recordedId(backend),
    probe: async () => availability,
    open: async (source) => {
      const model = 'path' in source ? run.modelAt(source.path) : undefined;
      if (model === undefined || !('path' in source)) {
        throw new RheobaseError('unsupported', 'a recording holds the outputs of its models and no other values');
      }
      return recordedSession(run, backend, model, await outputsOf(source.path));
    },
    close: async () => {},
  };
}

async function outputsOf(path: string): Promise<readonly ValueMetadata[]> {
  const { outputs } = modelInfo(await readModelFile(path));
  return outputs.map(({ name, dtype, shape }) =>
    dtype === null ? { kind: 'non-tensor', name } : { kind: 'tensor', name, dtype, shape: shape ?? [] },
  );
}

function recordedSession(run: Run, backend: BackendId, model: string, outputs: readonly ValueMetadata[]): Session {
  const { description } = run;
  const timing = description.timings.find((row) => row.model === model && row.backend === backend);
  const placement = description.backends.find(({ id }) => id === backend)?.placement ?? [];
  return {
    inputs: [],
    outputs,
    loadMs: timing?.loadMs ?? 0,
    run: async (feeds, fetches): Promise<RunResult> => {
      const recorded = await run.outputsOf(model, backend, feedsDigest(feeds));
      if (recorded === undefined) {
        throw new RheobaseError('failed', 'gave no outputs for these inputs when the run was recorded');
      }
      const wanted = Object.entries(recorded.outputs).filter(([name]) => fetches?.includes(name) ?? true);
      return { outputs: Object.fromEntries(wanted), ms: recorded.ms };
    },
    time: async () => {
      throw new RheobaseError('unsupported', 'a recording cannot be timed');
    },
    profile: async () => ({
      nodes: placement
        .filter((row) => row.model === model)
        .map(({ node, opType, provider }) => ({ node, opType, provider, ms: null })),
      incomplete: null,
    }),
    close: async () => {},
  };
}
