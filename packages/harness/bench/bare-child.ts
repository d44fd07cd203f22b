/** A process with nothing in it but ONNX Runtime. Its argument is a backend's name; each message is work to measure. */
import type { BareWork } from './bare-runtime.js';
import { bareMs, type Ort } from './bare-work.js';

const [, provider] = (process.argv[2] ?? '').split('/');
const ort: Ort = provider === 'wasm' ? await import('onnxruntime-web') : (await import('onnxruntime-node')).default;

process.on('message', async (work) => {
  process.send?.(await bareMs(ort, provider, work as readonly BareWork[]));
});
process.on('disconnect', () => process.exit());
