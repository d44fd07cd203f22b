/**
 * The backends that run in Node, as a table: which package computes, under which provider, on which platforms, and
 * what would bring the ones that are missing. A further provider of onnxruntime-node is one more row.
 */
import { badInput } from '@rheobase/exporter/errors';

export interface BackendRow {
  readonly runtime: 'onnxruntime-node' | 'onnxruntime-web';
  /** The provider's name in session options. */
  readonly provider: string;
  /** The provider's name in profiles. */
  readonly kernelProvider: string;
  /** `process.platform`s that it exists on; everywhere where left out. */
  readonly platforms?: readonly NodeJS.Platform[];
  /** What it needs, as an imperative phrase: the advice where a probe fails for a reason not known better. */
  readonly remedy: string | null;
}

const TABLE = {
  'node/cpu': {
    runtime: 'onnxruntime-node',
    provider: 'cpu',
    kernelProvider: 'CPUExecutionProvider',
    remedy: 'reinstall onnxruntime-node on this platform',
  },
  'node/cuda': {
    runtime: 'onnxruntime-node',
    provider: 'cuda',
    kernelProvider: 'CUDAExecutionProvider',
    platforms: ['linux'],
    remedy: 'use a machine with an NVIDIA GPU, CUDA 12 and cuDNN 9',
  },
  'node/webgpu': {
    runtime: 'onnxruntime-node',
    provider: 'webgpu',
    kernelProvider: 'WebGpuExecutionProvider',
    remedy: 'install a Vulkan driver, or Chromium, which brings a software one (SwiftShader)',
  },
  'node/wasm': {
    runtime: 'onnxruntime-web',
    provider: 'wasm',
    kernelProvider: 'CPUExecutionProvider',
    remedy: 'reinstall onnxruntime-web',
  },
  'node/coreml': {
    runtime: 'onnxruntime-node',
    provider: 'coreml',
    kernelProvider: 'CoreMLExecutionProvider',
    platforms: ['darwin'],
    remedy: null,
  },
  'node/dml': {
    runtime: 'onnxruntime-node',
    provider: 'dml',
    kernelProvider: 'DmlExecutionProvider',
    platforms: ['win32'],
    remedy: null,
  },
} as const satisfies Record<string, BackendRow>;

export type NodeBackendId = keyof typeof TABLE;

export const NODE_BACKENDS = Object.keys(TABLE) as readonly NodeBackendId[];

/** @throws RheobaseError `bad-input` for an id that is not in the table. */
export function backendRow(id: string): BackendRow {
  if (Object.hasOwn(TABLE, id)) return TABLE[id as NodeBackendId];
  throw badInput('there is no such backend in Node', {
    where: id,
    remedy: `choose one of ${NODE_BACKENDS.join(', ')}`,
  });
}

/** Whether the backend can exist on this platform at all. */
export function existsHere({ platforms }: BackendRow): boolean {
  return platforms?.includes(process.platform) ?? true;
}
