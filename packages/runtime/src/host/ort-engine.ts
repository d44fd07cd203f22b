/**
 * An engine over ONNX Runtime's JavaScript API, which onnxruntime-node and onnxruntime-web share. What differs between
 * them (how a provider is asked for, where the profile goes, what the device is called) comes in as an `OrtHost`.
 */
import { badInput, type ErrorCode, RheobaseError } from '@rheobase/exporter/errors';
import type { DType, Tensor } from '@rheobase/exporter/tensor';
import { isDType } from '@rheobase/exporter/tensor';
import type { InferenceSession, InferenceSessionFactory, OnnxValue, TensorConstructor } from 'onnxruntime-common';
import type {
  Available,
  Feeds,
  ModelSource,
  Profile,
  RunResult,
  Session,
  SessionOptions,
  ValueMetadata,
} from '../contract.js';
import type { Engine } from './engine.js';
import { fromOrtTensor, toOrtTensor } from './ort-tensor.js';
import { probeModel } from './probe-model.js';

export interface OrtModule {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

export interface OrtHost {
  /** Loads ONNX Runtime; called once, before anything else. */
  load(): Promise<OrtModule>;
  /** ONNX Runtime's name of the provider that should run the nodes, e.g. `WebGpuExecutionProvider`. */
  readonly provider: string;
  /** Options of session creation that are particular to this host. */
  sessionOptions(options: SessionOptions): InferenceSession.SessionOptions;
  /** The model in a form that `InferenceSession.create` takes. */
  resolve(model: ModelSource): Promise<ResolvedModel>;
  /** Ends profiling of a session and answers what it recorded. */
  endProfile(session: InferenceSession): Promise<Profile>;
  /** What does the computing; called after a probe succeeded. */
  describe(): Promise<Omit<Available, 'available'>>;
}

export interface ResolvedModel {
  readonly model: string | Uint8Array;
  readonly externalData?: readonly { readonly path: string; readonly data: string | Uint8Array }[];
}

export function ortEngine(host: OrtHost): Engine {
  let loading: Promise<OrtModule> | undefined;
  const load = (): Promise<OrtModule> => {
    loading ??= host.load();
    return loading;
  };

  const open = async (model: ModelSource, options: SessionOptions): Promise<Session> => {
    const ort = await load();
    const resolved = await host.resolve(model);
    const start = performance.now();
    const session = await createSession(ort, resolved, sessionOptionsOf(host, options, resolved));
    return openedSession(ort, host, session, performance.now() - start);
  };

  return { open, probe: () => probeWith(host, open) };
}

/** Runs y = x + x, checks the sum and that the provider asked for really ran it. */
async function probeWith(host: OrtHost, open: Engine['open']): Promise<Available> {
  const session = await open({ bytes: probeModel() }, { profile: true });
  const { outputs } = await session.run({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
  const profile = await session.profile();
  await session.close();
  const y = outputs.y?.data as Float32Array | undefined;
  if (y?.[0] !== 2 || y?.[1] !== 4) {
    throw new RheobaseError('unavailable', `1 + 1 and 2 + 2 came out as ${y?.join(', ')}`);
  }
  const elsewhere = profile.nodes.find(({ provider }) => provider !== host.provider);
  if (elsewhere !== undefined) {
    throw new RheobaseError('unavailable', `a session was created, but ${elsewhere.provider} ran its node`);
  }
  return { available: true, ...(await host.describe()) };
}

function sessionOptionsOf(
  host: OrtHost,
  options: SessionOptions,
  { externalData }: ResolvedModel,
): InferenceSession.SessionOptions {
  return {
    graphOptimizationLevel: options.optimization ?? 'all',
    // Warnings of the runtime (initializers as inputs, shape mismatches it repairs) belong to no output of ours.
    logSeverityLevel: 3,
    ...(options.profile === true ? { enableProfiling: true } : {}),
    ...(options.dims === undefined ? {} : { freeDimensionOverrides: options.dims }),
    ...(externalData === undefined ? {} : { externalData: [...externalData] }),
    ...host.sessionOptions(options),
  };
}

async function createSession(
  ort: OrtModule,
  { model }: ResolvedModel,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (error) {
    throw explain(error, 'the model cannot be loaded');
  }
}

function openedSession(ort: OrtModule, host: OrtHost, session: InferenceSession, loadMs: number): Session {
  const inputs = session.inputMetadata.map(describeValue);
  const outputs = session.outputMetadata.map(describeValue);

  const prepare = (feeds: Feeds): Record<string, OnnxValue> => {
    checkFeeds(inputs, feeds);
    return Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toOrtTensor(ort.Tensor, value)]));
  };
  const runOnce = async (feeds: Record<string, OnnxValue>, fetches?: readonly string[]) => {
    try {
      const start = performance.now();
      const values = fetches === undefined ? await session.run(feeds) : await session.run(feeds, fetches);
      return { values, ms: performance.now() - start };
    } catch (error) {
      throw explain(error, 'the run failed');
    }
  };

  return {
    inputs,
    outputs,
    loadMs,
    run: async (feeds, fetches): Promise<RunResult> => {
      const { values, ms } = await runOnce(prepare(feeds), fetches);
      const tensors: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(values)) tensors[name] = fromOrtTensor(name, value as never);
      return { outputs: tensors, ms };
    },
    time: async (feeds, runs) => {
      const prepared = prepare(feeds);
      const samples: number[] = [];
      for (let run = 0; run < runs; run += 1) samples.push((await runOnce(prepared)).ms);
      return samples;
    },
    profile: () => host.endProfile(session),
    close: () => session.release(),
  };
}

function describeValue(value: InferenceSession.ValueMetadata): ValueMetadata {
  // What is not a tensor (a sequence, an optional) has neither; its name is still worth knowing.
  if (!value.isTensor) return { name: value.name, dtype: 'float32', shape: [] };
  const dtype: string = value.type;
  return {
    name: value.name,
    dtype: isDType(dtype) ? dtype : ('float32' as DType),
    shape: value.shape.map((dim) => (typeof dim === 'number' && dim < 0 ? null : dim)),
  };
}

/** Rank cannot be checked where the metadata shape is empty: the API says `[]` for a scalar and for an unknown rank. */
function checkFeeds(inputs: readonly ValueMetadata[], feeds: Feeds): void {
  for (const { name, dtype, shape } of inputs) {
    const feed = feeds[name];
    if (feed === undefined)
      throw badInput('no value is given', { where: `input ${name}`, remedy: `feed ${dtype} [${shape}]` });
    if (feed.dtype !== dtype) throw badInput(`takes ${dtype}, got ${feed.dtype}`, { where: `input ${name}` });
    const fits =
      shape.length === 0 ||
      (shape.length === feed.shape.length &&
        shape.every((dim, axis) => typeof dim !== 'number' || dim === feed.shape[axis]));
    if (!fits) throw badInput(`takes shape [${shape}], got [${feed.shape}]`, { where: `input ${name}` });
  }
  const unknown = Object.keys(feeds).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw badInput('the model has no such input', {
      where: `input ${unknown}`,
      remedy: `its inputs are ${inputs.map(({ name }) => name).join(', ')}`,
    });
  }
}

/** ONNX Runtime's messages as errors with a code; the texts are those of version 1.30. */
function explain(error: unknown, what: string): RheobaseError {
  const message = error instanceof Error ? error.message : String(error);
  const text = message.replace(/\s*\n\s*/g, ' ').trim();
  return new RheobaseError(codeOf(text), `${what}: ${text}`, { cause: error });
}

function codeOf(text: string): ErrorCode {
  if (
    /could not find an implementation|not a registered function\/op|NOT_IMPLEMENTED|unsupported (type|data)/i.test(text)
  ) {
    return 'unsupported';
  }
  if (/INVALID_PROTOBUF|protobuf parsing failed|INVALID_GRAPH|NO_SUCHFILE|INVALID_ARGUMENT/i.test(text))
    return 'bad-input';
  return 'failed';
}
