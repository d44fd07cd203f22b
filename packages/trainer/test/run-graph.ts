/** Runs graph values on ONNX Runtime in this process: what the tests of gradients and steps stand on. */
import { buildModel, encodeModel, type Tensor, type TypedArray, type Value } from '@rheobase/exporter';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

export interface Runner {
  run(feeds: readonly Tensor[]): Promise<Tensor[]>;
  release(): Promise<void>;
}

/** A session that computes `outputs` from `inputs`, in that order. */
export async function runner(inputs: readonly Value[], outputs: readonly Value[], opset = 21): Promise<Runner> {
  const named = Object.fromEntries(outputs.map((value, index) => [`out${index}`, value]));
  const renamed = Object.fromEntries(inputs.map((value, index) => [`in${index}`, value]));
  const model = buildModel({ inputs: renamed, outputs: named, opset });
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3, intraOpNumThreads: 1 });
  return {
    run: async (feeds) => {
      const values = await session.run(Object.fromEntries(feeds.map((feed, index) => [`in${index}`, toOrt(feed)])));
      return outputs.map((_, index) => {
        const { type, dims, data } = values[`out${index}`];
        return { dtype: type, shape: [...dims], data } as Tensor;
      });
    },
    release: () => session.release(),
  };
}

export async function runGraph(
  inputs: readonly Value[],
  outputs: readonly Value[],
  feeds: readonly Tensor[],
  opset = 21,
) {
  const session = await runner(inputs, outputs, opset);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function toOrt({ dtype, shape, data }: Tensor): OrtTensor {
  const Constructor = OrtTensor as unknown as new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;
  return new Constructor(dtype, data, shape);
}

export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.data as TypedArray, Number);
}
