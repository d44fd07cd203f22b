/**
 * ONNX Runtime started in this page or worker: at most once per build, because its module, thread pool and GPU device
 * belong to the whole realm. Sessions of one build also take turns: the WebGPU builds suspend their stack while the GPU
 * works, and a second call into a suspended module never returns.
 */
import { RheobaseError } from '@rheobase/exporter/errors';
import { explainOrtError, probeModel } from '@rheobase/runtime/host';
import type * as Ort from 'onnxruntime-common';
import { type ConsoleTap, tapConsole } from './console-tap.js';
import { importBuild, type OrtBuild, type WebProvider } from './ort-build.js';
import { defaultThreads, threadsAllowed } from './threads.js';

/** Where the `.wasm` (and `.mjs`) files of onnxruntime-web are served: a folder's URL, or each file's. */
export type WasmPaths = Ort.Env.WasmPrefixOrFilePaths;

export interface RuntimeOptions {
  readonly threads?: number;
  readonly wasmPaths?: WasmPaths;
}

export interface OrtRuntime {
  readonly ort: typeof Ort;
  readonly build: OrtBuild;
  readonly threads: number;
  readonly tap: ConsoleTap;
  /** Runs `work` when all earlier work of this build is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

const started = new Map<OrtBuild, Promise<OrtRuntime>>();
let lastStart: Promise<unknown> = Promise.resolve();

/** The running module of a build, started by the first call; the options of later calls come too late. */
export function startRuntime(build: OrtBuild, options: RuntimeOptions): Promise<OrtRuntime> {
  let runtime = started.get(build);
  if (runtime === undefined) {
    runtime = lastStart.then(() => start(build, options));
    started.set(build, runtime);
    lastStart = runtime.catch(() => {});
  }
  return runtime;
}

/** Compiles the module and starts its threads with a first session, so that neither is part of a model's load time. */
async function start(build: OrtBuild, options: RuntimeOptions): Promise<OrtRuntime> {
  const threads = threadsFor(options);
  const ort = await importBuild(build);
  ort.env.wasm.numThreads = threads;
  if (options.wasmPaths !== undefined) ort.env.wasm.wasmPaths = options.wasmPaths;
  const { started: first, tap } = await tapConsole(() => openFirst(ort, 'wasm'));
  await first.release();
  let lastTurn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => {});
    return turn;
  };
  return { ort, build, threads: ort.env.wasm.numThreads, tap, inTurn };
}

function threadsFor({ threads }: RuntimeOptions): number {
  if (threadsAllowed()) return threads ?? defaultThreads(navigator.hardwareConcurrency);
  if (threads === undefined || threads === 1) return 1;
  throw new RheobaseError('unsupported', `WASM cannot have ${threads} threads in a page that is not isolated`, {
    remedy: 'serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
  });
}

/** A session that shows whether the provider comes up at all. */
export async function openFirst(ort: typeof Ort, provider: WebProvider): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(probeModel(), { executionProviders: [provider] });
  } catch (error) {
    throw explainOrtError(error, 'ONNX Runtime does not start');
  }
}
