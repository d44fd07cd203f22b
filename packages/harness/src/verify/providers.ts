/** ONNX Runtime's own names of the providers behind a backend's id: nodes that run on any other have fallen back. */
import type { BackendId } from '@rheobase/runtime';

const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['CPUExecutionProvider'],
  // onnxruntime-web's WASM build is ONNX Runtime's CPU provider, compiled to WebAssembly.
  wasm: ['CPUExecutionProvider'],
  webgpu: ['WebGpuExecutionProvider', 'JsExecutionProvider'],
  webnn: ['WebNNExecutionProvider'],
  webgl: ['WebGLExecutionProvider'],
  cuda: ['CUDAExecutionProvider'],
  tensorrt: ['TensorrtExecutionProvider', 'NvTensorRTRTXExecutionProvider'],
  dml: ['DmlExecutionProvider'],
  coreml: ['CoreMLExecutionProvider'],
  qnn: ['QNNExecutionProvider'],
  xnnpack: ['XnnpackExecutionProvider'],
};

/** Null for a provider that is not known here, whose fallbacks so cannot be told. */
export function providersOf(backend: BackendId): readonly string[] | null {
  return PROVIDERS[backend.slice(backend.indexOf('/') + 1)] ?? null;
}
