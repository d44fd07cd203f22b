/**
 * What measuring needs of a backend: to open a model with its profile on, run it once, and say who ran which node. The
 * backends of @rheobase/runtime-node and @rheobase/runtime-web fit as they are.
 */
import type { Tensor } from '../tensor/index.js';

export interface PlacementBackend {
  /** `node/webgpu` */
  readonly id: string;
  open(
    model: { readonly bytes: Uint8Array },
    options: { readonly profile: true; readonly optimization: 'disabled'; readonly timeoutMs: number },
  ): Promise<PlacementSession>;
}

export interface PlacementSession {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<unknown>;
  profile(): Promise<{ readonly nodes: readonly PlacedNode[] }>;
  close(): Promise<void>;
}

export interface PlacedNode {
  readonly node: string;
  readonly opType: string;
  /** ONNX Runtime's name of the provider: `WebGpuExecutionProvider`. */
  readonly provider: string;
}

/** Providers by what comes after the slash of a backend's id. CPU kernels are native to these two. */
const CPU_BACKENDS = new Set(['cpu', 'wasm']);

export const CPU_PROVIDER = 'CPUExecutionProvider';

/** True where a backend's own provider is the CPU's, so that nothing can fall back. */
export function runsOnCpu(backend: string): boolean {
  return CPU_BACKENDS.has(backend.split('/')[1] ?? '');
}
