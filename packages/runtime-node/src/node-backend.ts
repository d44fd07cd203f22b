/**
 * Backends in Node. By default each is a child process of its own, so that a native abort or a hang of one model is an
 * error of that call and nothing more; `isolation: 'none'` runs ONNX Runtime in the calling process, for loops whose
 * steps are shorter than a message.
 */
import { availableParallelism, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { RheobaseError } from '@rheobase/exporter/errors';
import type { Backend, ModelSource, Session, SessionOptions, Unavailable } from '@rheobase/runtime';
import { asBackend, type Connection, remoteBackend } from '@rheobase/runtime/host';
import { type BackendRow, backendRow, existsHere, NODE_BACKENDS, type NodeBackendId } from './backend-table.js';
import { type ChildConnection, startChild } from './child-process.js';
import { createEngine } from './create-engine.js';
import { diagnoseCuda } from './cuda.js';
import { webgpuConnector } from './webgpu.js';

export interface NodeBackendOptions {
  /**
   * `process` (default): a child process that dies alone. `none`: this process, which a native abort ends; costs no
   * message per run.
   */
  readonly isolation?: 'process' | 'none';
  /**
   * Time allowed for the child process to start, and then for the probe, in ms; default 60,000. On node/webgpu the
   * drivers that are tried share it.
   */
  readonly startTimeoutMs?: number;
}

/**
 * One backend; nothing is started before it is first used.
 * @throws RheobaseError `bad-input` for an id that is no backend of Node.
 */
export function nodeBackend(id: string, { isolation = 'process', startTimeoutMs }: NodeBackendOptions = {}): Backend {
  const row = backendRow(id);
  if (!existsHere(row)) return missing(id, row);
  return withAbsolutePaths(isolation === 'none' ? inProcess(id, row) : inChild(id, row, startTimeoutMs));
}

/** Every backend that this platform can have, present or not; `probe` tells which are. */
export function createNodeBackends(options: NodeBackendOptions = {}): readonly Backend[] {
  const shown = NODE_BACKENDS.filter((id) => existsHere(backendRow(id)) || id === 'node/cuda');
  return shown.map((id) => nodeBackend(id, options));
}

/** Loads a model in this very process: shorthand for `nodeBackend(id, { isolation: 'none' }).open(model, options)`. */
export function openInProcess(id: NodeBackendId, model: ModelSource, options?: SessionOptions): Promise<Session> {
  return nodeBackend(id, { isolation: 'none' }).open(model, options);
}

function inProcess(id: string, row: BackendRow): Backend {
  return asBackend(id, createEngine(id, { scratch: tmpdir(), softwareDriver: null, ownProcess: false }), row.remedy);
}

function inChild(id: string, row: BackendRow, startTimeoutMs = 60_000): Backend {
  const common = { id, remedy: row.remedy, startTimeoutMs };
  if (id === 'node/webgpu') return remoteBackend({ ...common, connect: webgpuConnector(id, row.remedy) });
  const connect = async (): Promise<Connection> => {
    const child = startChild({ id });
    return id === 'node/cuda' ? diagnosed(child, diagnoseCuda) : child;
  };
  // A WASM process has one thread pool for all its sessions.
  const laneOf = ({ threads = defaultWasmThreads() }: SessionOptions) => String(threads);
  return remoteBackend({ ...common, connect, ...(row.provider === 'wasm' ? { laneOf } : {}) });
}

/** What onnxruntime-web takes where it is not told. */
function defaultWasmThreads(): number {
  return Math.min(4, Math.ceil(availableParallelism() / 2));
}

type Diagnose = (what: string, stderr: readonly string[]) => Unavailable;

/** A failed probe told by who knows the provider, from the error and from what the child printed. */
function diagnosed(child: ChildConnection, diagnose: Diagnose): Connection {
  return {
    send: async (request) => {
      const reply = await child.send(request);
      if (request.method !== 'probe' || !('error' in reply)) return reply;
      const { reason, remedy } = diagnose(reply.error.what, child.stderr);
      return { error: { code: 'unavailable', what: reason, ...(remedy === null ? {} : { remedy }) } };
    },
    kill: () => child.kill(),
    ...(child.ended === undefined ? {} : { ended: child.ended }),
  };
}

/** The child keeps the folder it was started in, while its parent may change its own. */
function withAbsolutePaths(backend: Backend): Backend {
  const absolute = (model: ModelSource): ModelSource =>
    'path' in model ? { ...model, path: resolve(model.path) } : model;
  return { ...backend, open: (model, options) => backend.open(absolute(model), options) };
}

const PLATFORM_NAMES: Readonly<Record<string, string>> = { darwin: 'macOS', win32: 'Windows', linux: 'Linux' };

function missing(id: string, { platforms, provider }: BackendRow): Backend {
  const connect = async (): Promise<Connection> => {
    const name = (platform: string): string => PLATFORM_NAMES[platform] ?? platform;
    const what = `${provider} exists on ${platforms?.map(name).join(' and ')} alone, and this is ${name(process.platform)}`;
    throw new RheobaseError('unavailable', what);
  };
  return remoteBackend({ id, remedy: null, connect });
}
