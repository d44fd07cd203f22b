/**
 * Gradients against central differences, both on ONNX Runtime. The loss is Σ w·f(x) with random weights w, so that
 * every element of every output counts differently.
 *
 * In float64 with a step of 1e-5 the differences are good to about 1e-10. ONNX Runtime's CPU provider has no float64
 * kernel for some operators; the graph is then rewritten to the operator's definition in primitive operators
 * (`decompose.ts`) before it runs, forward and backward alike: what is checked is the rule, in float64. That the
 * definition is the operator's is checked apart, in float32.
 *
 * Where a function is linear in each input, or piecewise so (convolutions, pooling), `exact` runs it in float32 on
 * small integers with a step that is a power of two: every number is then represented exactly, and so are the
 * differences.
 */
import { constant, type DType, input, op, random as seeded, type Tensor, type Value } from '@rheobase/exporter';
import { gradient } from '../src/gradients/index.js';
import { decompose } from './decompose.js';
import { numbers, runner } from './run-graph.js';

export interface GradientCase {
  /** Extents of each differentiated input. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Value[]) => Value;
  /** The elements of the inputs, uniform in −2 to 2 by default. */
  readonly sample?: (random: () => number, index: number) => number;
  /** Symbolic shapes of the inputs, where they are to be resolved only when running. */
  readonly declared?: readonly (readonly (number | string | null)[] | null)[];
  readonly exact?: boolean;
  readonly opset?: number;
  readonly seed?: number;
}

/**
 * The greatest deviation of any element of a gradient from the central difference, relative to the largest element of
 * that input's gradient.
 */
export async function gradientError(test: GradientCase): Promise<number> {
  const { uniform: random } = seeded(test.seed ?? 1);
  const dtype: 'float32' | 'float64' = test.exact ? 'float32' : 'float64';
  const sample = test.sample ?? (test.exact ? smallInteger : uniform);
  const feeds = test.shapes.map((shape, index) => filled(dtype, shape, () => sample(random, index)));
  const inputs = test.shapes.map((shape, index) => input(`x${index}`, dtype, test.declared?.[index] ?? shape));
  const output = test.build(...inputs);
  const [sizeProbe] = await evaluate(inputs, [output], feeds, test);
  const weights = numbers(sizeProbe).map(() => (test.exact ? smallInteger(random) : uniform(random)));
  const weighted = op.mul(op.reshape(output, [-1]), constant(filled(dtype, [weights.length], (at) => weights[at])));
  const loss = op.reduceSum(weighted, { keepdims: false });
  const gradients = await evaluate(inputs, gradient(loss, inputs), feeds, test);
  const differences = await centralDifferences(inputs, output, weights, feeds, test);
  let worst = 0;
  for (const [index, found] of gradients.entries()) {
    if (String(found.shape) !== String(test.shapes[index])) throw new Error(`gradient ${index} is [${found.shape}]`);
    const expected = differences[index];
    const scale = Math.max(...expected.map(Math.abs), 1e-3);
    for (const [at, value] of numbers(found).entries()) {
      const deviation = Math.abs(value - expected[at]) / scale;
      worst = Number.isNaN(deviation) ? Infinity : Math.max(worst, deviation);
    }
  }
  return worst;
}

async function evaluate(
  inputs: readonly Value[],
  outputs: readonly Value[],
  feeds: readonly Tensor[],
  test: GradientCase,
) {
  const session = await runner(inputs, test.exact ? outputs : decompose(outputs), test.opset);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

async function centralDifferences(
  inputs: readonly Value[],
  output: Value,
  weights: readonly number[],
  feeds: readonly Tensor[],
  test: GradientCase,
): Promise<number[][]> {
  const session = await runner(inputs, test.exact ? [output] : decompose([output]), test.opset);
  const lossAt = async (): Promise<number> => {
    const [values] = await session.run(feeds);
    return numbers(values).reduce((sum, value, at) => sum + value * weights[at], 0);
  };
  const results: number[][] = [];
  for (const { data } of feeds) {
    const elements = data as Float64Array;
    const result: number[] = [];
    for (let at = 0; at < elements.length; at += 1) {
      const former = elements[at];
      const step = test.exact ? 0.25 : 1e-5;
      elements[at] = former + step;
      const above = await lossAt();
      elements[at] = former - step;
      const below = await lossAt();
      elements[at] = former;
      result.push((above - below) / (2 * step));
    }
    results.push(result);
  }
  await session.release();
  return results;
}

function filled(dtype: DType, shape: readonly number[], element: (at: number) => number): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const list = Array.from({ length }, (_, at) => element(at));
  return { dtype, shape, data: dtype === 'float64' ? Float64Array.from(list) : Float32Array.from(list) } as Tensor;
}

const uniform = (random: () => number): number => random() * 4 - 2;
const smallInteger = (random: () => number): number => Math.floor(random() * 9) - 4;
