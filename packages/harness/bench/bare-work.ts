/** Loads and runs models through ONNX Runtime's JavaScript API; the same code in Node and in a page. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import type { BareWork } from './bare-runtime.js';

export interface Ort {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** Time in ms that loading and running took. */
export async function bareMs(
  { InferenceSession, Tensor }: Ort,
  provider: string,
  work: readonly BareWork[],
): Promise<number> {
  let total = 0;
  for (const { path, shape, cases, timed } of work) {
    const options: InferenceSession.SessionOptions = {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    };
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
    const feeds = { x: new Tensor('float32', data, [...shape]) };
    const start = performance.now();
    const session = await InferenceSession.create(path, options);
    for (let run = 0; run < cases + timed; run += 1) await session.run(feeds);
    total += performance.now() - start;
    await session.release();
  }
  return total;
}
