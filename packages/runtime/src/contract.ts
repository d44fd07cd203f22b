/**
 * The contract between whoever wants a model run and whatever runs it. A backend is one ONNX Runtime build with one
 * execution provider (`node/cpu`, `chromium/webgpu`). Everything here is data or an interface: the implementations
 * are in runtime-node and runtime-web, and whatever verifies, trains or sparsifies sees only this file.
 *
 * Times are milliseconds, measured by the clock nearest to ONNX Runtime (inside the backend's own process or page),
 * so that moving tensors between processes is never part of them.
 */
import type { DType, Tensor } from '@rheobase/exporter/tensor';

/** `host/provider`, e.g. `node/cpu`, `chromium/webgpu`. */
export type BackendId = string;

/** What a backend is, found by really creating a session on it. */
export type Availability = Available | Unavailable;

export interface Available {
  readonly available: true;
  /** Version of the ONNX Runtime package, e.g. `1.30.0`. */
  readonly runtimeVersion: string;
  /** What does the computing, e.g. `onnxruntime-node cpu`, `onnxruntime-web wasm simd, 2 threads`. */
  readonly implementation: string;
  /** The processor or GPU adapter by name, null where the platform does not tell. */
  readonly device: string | null;
  /** True where a GPU provider runs on a software adapter (SwiftShader, llvmpipe). */
  readonly software: boolean;
  /**
   * The smallest step in ms of the clock that times are read from, as measured: browsers make it coarse (5 µs in a page
   * that is cross-origin isolated, else 100 µs). Left out by a backend that reads no clock of its own.
   */
  readonly clockResolutionMs?: number;
  /** Further versions worth reporting: browser, driver, Dawn. */
  readonly versions?: Readonly<Record<string, string>>;
}

export interface Unavailable {
  readonly available: false;
  /** Why, in one line. */
  readonly reason: string;
  /** The command or step that would bring it, null where nothing would on this platform. */
  readonly remedy: string | null;
  /** True where it is there but did not start or answer in time: that is a failure, where absence is none. */
  readonly timedOut?: true;
}

/** A model by bytes or by path. External data files are named by their `location` as the model writes it. */
export type ModelSource =
  | { readonly bytes: Uint8Array; readonly externalData?: readonly { location: string; bytes: Uint8Array }[] }
  | { readonly path: string; readonly externalLocations?: readonly string[] };

export interface SessionOptions {
  /**
   * Intra-op threads; the runtime's own default where unset. WASM has one thread pool for a whole process or page, so
   * sessions that ask for different numbers run in different ones.
   */
  readonly threads?: number;
  /** Graph optimisation level; default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Collects ONNX Runtime's profile so that `profile()` can answer; slows runs down. Default false. */
  readonly profile?: boolean;
  /**
   * Where outputs stay, default `host`. With `device` a GPU provider leaves them in its own memory, and a run's time ends
   * when the GPU has computed them: `time` drops them there, `run` reads them back when its clock has stopped. Where
   * providers compute in host memory it is all the same. Only in browsers: onnxruntime-node 1.30 aborts (`unsupported`).
   */
  readonly outputs?: 'host' | 'device';
  /**
   * True where a run's outputs are done with before the next run is answered: they may then come
   * in the same memory every time, which spares the page faults of fresh memory. Default false: outputs may be kept.
   */
  readonly reuseOutputs?: boolean;
  /** Values for symbolic input dimensions, by name. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Ends the backend's process or page when one call takes longer. Default 120,000 ms. */
  readonly timeoutMs?: number;
}

/** An input or output as the runtime declares it: a tensor, or something it says no more of than its name. */
export type ValueMetadata = TensorMetadata | NonTensorMetadata;

export interface TensorMetadata {
  readonly kind: 'tensor';
  readonly name: string;
  readonly dtype: DType;
  /**
   * A dimension is an extent, the name of a symbolic one, or null where nothing is known. `[]` is a scalar or a
   * tensor of unknown rank: ONNX Runtime's JavaScript API does not tell them apart.
   */
  readonly shape: readonly (number | string | null)[];
}

/** A sequence, an optional or a map: ONNX Runtime's JavaScript API can neither feed nor fetch one. */
export interface NonTensorMetadata {
  readonly kind: 'non-tensor';
  readonly name: string;
}

export type Feeds = Readonly<Record<string, Tensor>>;

export interface RunResult {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Duration of this run, read-back of every output included. */
  readonly ms: number;
}

/** Which provider ran a node, as ONNX Runtime's profile tells; `opType` after its graph optimisations. */
export interface NodePlacement {
  readonly node: string;
  readonly opType: string;
  /** ONNX Runtime's name: `CPUExecutionProvider`, `WebGpuExecutionProvider`, … */
  readonly provider: string;
  /** Kernel time summed over the profiled runs (on WebGPU the GPU's own clock), null where the profile does not tell. */
  readonly ms: number | null;
}

export interface Profile {
  readonly nodes: readonly NodePlacement[];
  /** Why `nodes` is empty or partial, null where it is complete. */
  readonly incomplete: string | null;
}

/** One loaded model. Calls on one session are answered in order. */
export interface Session {
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
  /** Duration of session creation: parsing, optimising, and allocating weights. */
  readonly loadMs: number;
  /**
   * Runs once. `fetches` limits the outputs that come back.
   * @throws RheobaseError `bad-input` for missing or wrongly shaped feeds, `unsupported` for an input or output that
   *   ONNX Runtime's JavaScript API cannot carry, `failed` where the runtime refuses, `crashed` or `timeout` where the
   *   backend's process ended.
   */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<RunResult>;
  /**
   * Takes `samples` times with the same feeds and drops the outputs. A sample is the duration of a run; with
   * `runsPerSample` it is the mean of so many runs back to back between two readings of the clock, whatever lies between
   * them included: for clocks too coarse for one run, and for throughput.
   */
  time(feeds: Feeds, samples: number, runsPerSample?: number): Promise<readonly number[]>;
  /** Ends profiling and answers what it recorded. Only on a session opened with `profile: true`, once, last. */
  profile(): Promise<Profile>;
  close(): Promise<void>;
}

export interface Backend {
  readonly id: BackendId;
  /** Finds out by creating a real session; the answer is kept. Never throws. */
  probe(): Promise<Availability>;
  /**
   * Loads a model. After a crash or time-out the next `open` starts a fresh process or page.
   * @throws RheobaseError `bad-input`, `unsupported`, `unavailable`, `failed`, `crashed` or `timeout`.
   */
  open(model: ModelSource, options?: SessionOptions): Promise<Session>;
  /** Ends the process or page. */
  close(): Promise<void>;
}
