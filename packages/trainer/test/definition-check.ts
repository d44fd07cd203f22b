/** Whether what stands in for an operator in float64 is the operator: both in float32, on ONNX Runtime. */
import { input, random as seeded, sizeOf, type Tensor } from '@rheobase/exporter';
import { decompose } from './decompose.js';
import type { GradientCase } from './gradient-check.js';
import { numbers, runGraph } from './run-graph.js';

/** The greatest difference of any element, relative to the largest. */
export async function definitionError({ shapes, build, seed = 1, sample, opset }: GradientCase): Promise<number> {
  const { uniform } = seeded(seed);
  const draw = sample ?? ((random: () => number) => random() * 4 - 2);
  const inputs = shapes.map((shape, index) => input(`x${index}`, 'float32', shape));
  const feeds = shapes.map(
    (shape, index): Tensor<'float32'> => ({
      dtype: 'float32',
      shape,
      data: Float32Array.from({ length: sizeOf(shape) }, () => draw(uniform, index)),
    }),
  );
  const own = build(...inputs);
  const [expected, found] = await runGraph(inputs, [own, ...decompose([own])], feeds, opset);
  if (String(expected.shape) !== String(found.shape)) throw new Error(`[${expected.shape}] became [${found.shape}]`);
  const wanted = numbers(expected);
  const scale = Math.max(...wanted.map(Math.abs), 1e-3);
  return numbers(found).reduce((worst, value, at) => Math.max(worst, Math.abs(value - wanted[at]) / scale), 0);
}
