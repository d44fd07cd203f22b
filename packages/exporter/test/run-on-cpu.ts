/** Runs a model on the real ONNX Runtime, on the CPU, for tests of what is built here. */
import ort from 'onnxruntime-node';
import { encodeModel } from '../src/codec/encode.js';
import type { Model } from '../src/model/model.js';
import { sizeOf, type Tensor } from '../src/tensor/index.js';

/** Outputs of one run by name. bool tensors come as the bytes they are. */
export async function runOnCpu(
  model: Model,
  feeds: Readonly<Record<string, Tensor>> = {},
): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  try {
    const inputs = Object.entries(feeds).map(([name, { dtype, data, shape }]): [string, ort.Tensor] => [
      name,
      new ort.Tensor(dtype as 'float32', data as Float32Array, shape),
    ]);
    const outputs = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, data, dims }]) => [
        name,
        { dtype: type, data, shape: dims } as Tensor,
      ]),
    );
  } finally {
    await session.release();
  }
}

/** The bits of a float32 tensor, which tell −0 from +0; every NaN is the same NaN. */
export function bits({ dtype, data, shape }: Tensor): string[] {
  if (dtype !== 'float32') throw new Error(`bits of ${dtype}`);
  const numbers = data as Float32Array;
  if (numbers.length !== sizeOf(shape)) throw new Error(`${numbers.length} elements for [${shape}]`);
  const view = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return Array.from(view, (bit, index) => (Number.isNaN(numbers[index]) ? 'NaN' : bit.toString(16).padStart(8, '0')));
}
