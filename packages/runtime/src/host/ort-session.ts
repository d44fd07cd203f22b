/** One session of ONNX Runtime's JavaScript API as a Session of the contract. */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { isDType, type Tensor } from '@rheobase/exporter/tensor';
import type { InferenceSession, OnnxValue, Tensor as OrtTensor } from 'onnxruntime-common';
import type { Feeds, Session, SessionOptions, ValueMetadata } from '../contract.js';
import { checkFeeds } from './check-feeds.js';
import type { OrtHost, OrtModule } from './ort-engine.js';
import { explainOrtError } from './ort-errors.js';
import { fromOrtTensor, toOrtTensor } from './ort-tensor.js';
import { intoSameMemory, type RunSession } from './output-memory.js';

/** What a run logs belongs to no output of ours: its errors are thrown as well. */
const QUIET: InferenceSession.RunOptions = { logSeverityLevel: 4 };

export interface OrtSessionParts {
  readonly ort: OrtModule;
  readonly host: OrtHost;
  readonly session: InferenceSession;
  readonly options: SessionOptions;
  readonly ortOptions: InferenceSession.SessionOptions;
  readonly loadMs: number;
}

export function ortSession({ ort, host, session, options, ortOptions, loadMs }: OrtSessionParts): Session {
  const describe = (value: InferenceSession.ValueMetadata) => describeValue(value, options.dims ?? {});
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);
  // What the device still computes when `run` answers belongs to the run's time.
  const settle = options.outputs === 'device' ? host.deviceIdle : undefined;
  const runOnce: RunSession =
    options.reuseOutputs === true && host.fillsOutputs === true
      ? intoSameMemory(session, QUIET)
      : (feeds, fetches) => session.run(feeds, fetches, QUIET);
  let profiling = options.profile === true;
  let open = true;

  const prepare = (feeds: Feeds): Record<string, OnnxValue> => {
    checkFeeds(inputs, feeds);
    return Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, toOrtTensor(ort.Tensor, name, value)]),
    );
  };
  /** Duration of the work in ms, and its result; ends when the device has done it. */
  const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
    if (!open) throw badInput('the session is closed');
    try {
      const start = performance.now();
      const result = await work();
      await settle?.();
      return { result, ms: performance.now() - start };
    } catch (error) {
      throw explainOrtError(error, 'the run failed');
    }
  };
  const runAndDrop = async (feeds: Record<string, OnnxValue>, fetches: readonly string[], runs: number) => {
    for (let run = 0; run < runs; run += 1) {
      for (const value of Object.values(await session.run(feeds, fetches, QUIET))) dropFromDevice(value as OrtTensor);
    }
  };

  return {
    inputs,
    outputs,
    loadMs,
    run: async (feeds, fetches) => {
      const names = checkFetches(outputs, fetches, host);
      const prepared = prepare(feeds);
      const { result: values, ms } = await timed(() => runOnce(prepared, names));
      const tensors: Record<string, Tensor> = {};
      for (const name of names) tensors[name] = await fetchTensor(name, values[name] as OrtTensor);
      return { outputs: tensors, ms };
    },
    time: async (feeds, samples, runsPerSample = 1) => {
      const names = checkFetches(outputs, undefined, host);
      const prepared = prepare(feeds);
      const times: number[] = [];
      for (let sample = 0; sample < samples; sample += 1) {
        const { ms } = await timed(() => runAndDrop(prepared, names, runsPerSample));
        times.push(ms / runsPerSample);
      }
      return times;
    },
    profile: async () => {
      if (!profiling) throw badInput('there is no profile to read', { remedy: 'open the session with profile: true' });
      profiling = false;
      return host.endProfile(session, ortOptions);
    },
    close: async () => {
      if (!open) return;
      open = false;
      // Left unread, the profile would come out by itself: into a file, or onto the console.
      if (profiling) await host.endProfile(session, ortOptions);
      await session.release();
    },
  };
}

/** The tensor in host memory, wherever it was; what was on the device is freed there. */
async function fetchTensor(name: string, value: OrtTensor): Promise<Tensor> {
  if (!isOnDevice(value)) return fromOrtTensor(name, value);
  try {
    await value.getData(true);
    return fromOrtTensor(name, value);
  } catch (error) {
    throw explainOrtError(error, 'an output cannot be read back');
  }
}

/** A buffer of the device is nobody's to collect. */
function dropFromDevice(value: OrtTensor): void {
  if (isOnDevice(value)) value.dispose();
}

function isOnDevice({ location }: OrtTensor): boolean {
  return location === 'gpu-buffer' || location === 'ml-tensor';
}

/** `dims` are put in here as well, since onnxruntime-node ignores `freeDimensionOverrides`. */
function describeValue(value: InferenceSession.ValueMetadata, dims: Readonly<Record<string, number>>): ValueMetadata {
  const { name } = value;
  if (!value.isTensor) return { kind: 'non-tensor', name };
  const dtype: string = value.type;
  if (!isDType(dtype)) throw new RheobaseError('unsupported', `has the element type ${dtype}`, { where: name });
  const shape = value.shape.map((dim) => {
    if (typeof dim === 'string') return dims[dim] ?? (dim === '' ? null : dim);
    // An unknown extent is −1, which onnxruntime-web reads as an unsigned number.
    return dim < 0 || dim >= 2 ** 31 ? null : dim;
  });
  return { kind: 'tensor', name, dtype, shape };
}

/** The names of the outputs to fetch: those asked for, else all. */
function checkFetches(
  outputs: readonly ValueMetadata[],
  fetches: readonly string[] | undefined,
  { lethalOutputs }: OrtHost,
): readonly string[] {
  const wanted = fetches ?? outputs.map(({ name }) => name);
  for (const name of wanted) {
    const output = outputs.find((candidate) => candidate.name === name);
    if (output === undefined) {
      throw badInput('the model has no such output', {
        where: `output ${name}`,
        remedy: `its outputs are ${outputs.map((candidate) => candidate.name).join(', ')}`,
      });
    }
    if (output.kind === 'non-tensor') {
      throw new RheobaseError('unsupported', "is no tensor, and ONNX Runtime's JavaScript API cannot fetch it", {
        where: `output ${name}`,
        remedy: 'fetch the other outputs by name',
      });
    }
    if (lethalOutputs?.includes(output.dtype)) {
      throw new RheobaseError('unsupported', `is ${output.dtype}, and fetching it would end this process`, {
        where: `output ${name}`,
        remedy: 'put a Cast at the edge of the model',
      });
    }
  }
  return wanted;
}
