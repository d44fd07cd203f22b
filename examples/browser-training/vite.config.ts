import { defineConfig } from 'vite';

/** These two headers isolate the page, which gives WASM threads and a finer clock; without them it runs in one thread. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  // ONNX Runtime finds its .wasm file beside its own module, which pre-bundling would move away from it.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
  build: { target: 'es2023' },
  server: { headers },
  preview: { headers },
});
