/**
 * onnxruntime-web comes as several builds, each with a WASM module of its own. Measured on 1.30 in Chromium 156:
 *
 * - `wasm` (14 MB): CPU kernels alone, and the fastest at them.
 * - `jspi` (17 MB): WebGPU and WebNN; waits for the GPU by WebAssembly's JavaScript Promise Integration.
 * - `asyncify` (27 MB): the same where a browser lacks that; unwinds the stack by itself, and takes twice as long
 *   to start.
 *
 * Each is an import of its own, so that a bundler makes chunks of them and a page loads only the one it uses.
 */
import type * as Ort from 'onnxruntime-common';

export type WebProvider = 'wasm' | 'webgpu' | 'webnn';
export const WEB_PROVIDERS: readonly WebProvider[] = ['wasm', 'webgpu', 'webnn'];

export type OrtBuild = 'wasm' | 'jspi' | 'asyncify';

/** The build for a provider, in this browser. */
export function buildOf(provider: WebProvider): OrtBuild {
  if (provider === 'wasm') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

export function importBuild(build: OrtBuild): Promise<typeof Ort> {
  switch (build) {
    case 'wasm':
      return import('onnxruntime-web/wasm');
    case 'jspi':
      return import('onnxruntime-web/jspi');
    case 'asyncify':
      return import('onnxruntime-web/webgpu');
  }
}
