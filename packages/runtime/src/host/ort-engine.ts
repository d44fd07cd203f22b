/**
 * An engine over ONNX Runtime's JavaScript API, which onnxruntime-node and onnxruntime-web share. What differs between
 * them (how a provider is asked for, where the profile goes, what the device is called) comes in as an `OrtHost`.
 */
import { RheobaseError } from '@rheobase/exporter/errors';
import type { DType } from '@rheobase/exporter/tensor';
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import type { Available, ModelSource, Profile, Session, SessionOptions } from '../contract.js';
import { clockResolution } from './clock-resolution.js';
import type { Engine } from './engine.js';
import { explainOrtError } from './ort-errors.js';
import { ortSession } from './ort-session.js';
import { probeModel } from './probe-model.js';

export interface OrtModule {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

export interface OrtHost {
  /** Loads ONNX Runtime; called once, before anything else, with the options of the first session. */
  load(first: SessionOptions): Promise<OrtModule>;
  /** ONNX Runtime's name of the provider that should run the nodes, e.g. `WebGpuExecutionProvider`. */
  readonly provider: string;
  /** Options of session creation that are particular to this host. */
  sessionOptions(options: SessionOptions): InferenceSession.SessionOptions;
  /** The model in a form that `InferenceSession.create` takes. */
  resolve(model: ModelSource): Promise<ResolvedModel>;
  /** Ends profiling of a session and answers what it recorded; `options` are those the session was created with. */
  endProfile(session: InferenceSession, options: InferenceSession.SessionOptions): Promise<Profile>;
  /** Resolves when the device has done all that was asked of it; for hosts that can leave outputs on one. */
  readonly deviceIdle?: () => Promise<unknown>;
  /** Whether a run can be given memory for its outputs. onnxruntime-web 1.30 takes such memory and leaves it as it was. */
  readonly fillsOutputs?: boolean;
  /** Element types of outputs whose fetching would abort this very process; refused as `unsupported`. */
  readonly lethalOutputs?: readonly DType[];
  /** What does the computing; called after a probe succeeded. */
  describe(): Promise<Omit<Available, 'available'>>;
}

export interface ResolvedModel {
  readonly model: string | Uint8Array;
  readonly externalData?: readonly { readonly path: string; readonly data: string | Uint8Array }[];
}

export function ortEngine(host: OrtHost): Engine {
  let loading: Promise<OrtModule> | undefined;
  const load = (first: SessionOptions): Promise<OrtModule> => {
    loading ??= host.load(first);
    return loading;
  };

  const open = async (model: ModelSource, options: SessionOptions): Promise<Session> => {
    const ort = await load(options);
    const resolved = await host.resolve(model);
    const ortOptions = sessionOptionsOf(host, options, resolved);
    const start = performance.now();
    const session = await createSession(ort, resolved, ortOptions);
    const loadMs = performance.now() - start;
    return ortSession({ ort, host, session, options, ortOptions, loadMs });
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
  return { available: true, clockResolutionMs: clockResolution(), ...(await host.describe()) };
}

function sessionOptionsOf(
  host: OrtHost,
  options: SessionOptions,
  { externalData }: ResolvedModel,
): InferenceSession.SessionOptions {
  return {
    graphOptimizationLevel: options.optimization ?? 'all',
    // What the runtime logs belongs to no output of ours: its errors are thrown as well.
    logSeverityLevel: 4,
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
    // The overloads take a path or bytes, but no union of them.
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (error) {
    throw explainOrtError(error, 'the model cannot be loaded');
  }
}
