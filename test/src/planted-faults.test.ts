/**
 * Faults planted at random into models drawn at random: `verify` of the bad model against the good one blames the node
 * that has the fault, whether an output shows it or not. `RHEOBASE_SEEDS=20` draws more models of each kind.
 */
import {
  encodeModel,
  type Initializer,
  initializer,
  type Model,
  type Node,
  random,
  tensorOf,
  withOutputs,
} from '@rheobase/exporter';
import { float16ToNumber, numberToFloat16, type Tensor } from '@rheobase/exporter/tensor';
import { seededCases, verify } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { ARCHITECTURES, type Architecture, drawModel } from './architectures.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const SEEDS = Array.from({ length: Number(process.env.RHEOBASE_SEEDS ?? 1) }, (_, index) => index + 1);

interface Planted {
  readonly model: Model;
  /** The node with the fault; any of several that have it. */
  readonly nodes: readonly string[];
}

/** Undefined where a model has no place for such a fault. */
type Fault = (model: Model, seed: number) => Planted | undefined | Promise<Planted | undefined>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'a weight changed by 1 ULP': (model, seed) => changedWeight(model, seed, 'one ULP'),
  'a weight changed by 1 %': (model, seed) => changedWeight(model, seed, 'one per cent'),
  'two nodes swapped': swapped,
  'θ moved past one activation': thetaPastOne,
  'NaN put in at layer 7': (model) => nanAtLayer(model, 7),
};

describe.each(Object.keys(ARCHITECTURES) as Architecture[])('in %s', (kind) => {
  it.each(Object.keys(FAULTS))('%s is blamed on its node', async (name) => {
    for (const seed of SEEDS) {
      const good = drawModel(kind, seed);
      const planted = await FAULTS[name]?.(good, seed);
      if (planted === undefined) continue;
      const report = await verify({
        models: [{ path: 'bad.onnx', source: { bytes: encodeModel(planted.model) } }],
        against: { path: 'good.onnx', source: { bytes: encodeModel(good) } },
        backends: [backend],
        baseline: 'node/cpu',
        runs: 0,
        cases: (model) => seededCases(model, { seed }),
      });
      expect(report.comparisons.length).toBeGreaterThan(0);
      for (const { firstDivergence, verdict, firstDivergenceNote } of report.comparisons) {
        expect(planted.nodes, `seed ${seed}, ${verdict}: ${firstDivergenceNote}`).toContain(firstDivergence?.node);
      }
      expect(report.against?.differences.length).toBeGreaterThan(0);
    }
  });
});

type Change = 'one ULP' | 'one per cent' | 'NaN';

function withWeight(model: Model, name: string, value: Tensor): Model {
  const initializers = model.graph.initializers.map((one) => (one.name === name ? initializer(name, value) : one));
  return { ...model, graph: { ...model.graph, initializers } };
}

/** One element changed; integers go by a step. */
function changed({ dtype, shape, data }: Tensor, index: number, change: Change): Tensor {
  if (dtype === 'float32') {
    const values = Float32Array.from(data as Float32Array);
    const bits = new Uint32Array(values.buffer);
    if (change === 'one ULP') bits[index] += 1;
    else values[index] = change === 'NaN' ? Number.NaN : values[index] * 1.01;
    return { dtype, shape, data: values };
  }
  if (dtype === 'float16') {
    const bits = Uint16Array.from(data as Uint16Array);
    if (change === 'one ULP') bits[index] += 1;
    else bits[index] = numberToFloat16(change === 'NaN' ? Number.NaN : float16ToNumber(bits[index]) * 1.01);
    return { dtype, shape, data: bits };
  }
  const steps = Int8Array.from(data as Int8Array);
  steps[index] += steps[index] < 127 ? 1 : -1;
  return { dtype: 'int8', shape, data: steps };
}

function isReal({ dtype }: Initializer): boolean {
  return dtype === 'float32' || dtype === 'float16';
}

/** Names of the nodes that take a weight; of a call, the node of the function that does. */
function readersOf({ graph }: Model, weight: string): readonly string[] {
  return graph.nodes.flatMap(({ name, opType, inputs }) => {
    const at = inputs.indexOf(weight);
    if (at < 0) return [];
    return opType === 'Layer' ? `${name}/${at === 1 ? 'product' : 'sum'}` : name;
  });
}

function changedWeight(model: Model, seed: number, change: Change): Planted | undefined {
  const stream = random(seed, change);
  const usable = model.graph.initializers.filter(
    (one) => (isReal(one) || (one.dtype === 'int8' && change !== 'one ULP')) && one.shape.length > 0,
  );
  const weight = usable[stream.uint32() % usable.length];
  const value = tensorOf(weight);
  // A hundredth more of next to nothing is nothing.
  const places = Array.from(value.data as Float32Array, (element, index) => ({ element, index }));
  const { index } = places.filter(({ element }) => Math.abs(element) > 1e-3)[stream.uint32() % 2] ?? places[0];
  return {
    model: withWeight(model, weight.name, changed(value, index, change)),
    nodes: readersOf(model, weight.name),
  };
}

/** NaN in a weight of the n-th node that takes any. */
function nanAtLayer(model: Model, layer: number): Planted | undefined {
  const reals = new Map(model.graph.initializers.filter(isReal).map((one) => [one.name, one]));
  const takers = model.graph.nodes.filter(({ inputs }) => inputs.some((name) => reals.has(name)));
  const name = takers[layer - 1]?.inputs.find((one) => reals.has(one));
  const weight = name === undefined ? undefined : reals.get(name);
  if (weight === undefined) return undefined;
  const bad = withWeight(model, weight.name, changed(tensorOf(weight), 0, 'NaN'));
  return { model: bad, nodes: readersOf(model, weight.name) };
}

const UNARY: ReadonlySet<string> = new Set(['Relu', 'LeakyRelu', 'Sigmoid', 'Tanh', 'Softmax']);

/** Two nodes change places: activations, or products with weights of one shape. */
function swapped(model: Model, seed: number): Planted | undefined {
  const shapes = new Map(model.graph.initializers.map(({ name, shape }) => [name, shape.join()]));
  const roleOf = ({ opType, inputs }: Node): string =>
    UNARY.has(opType) ? 'activation' : `${opType} ${inputs.slice(1).map((name) => shapes.get(name) ?? '')}`;
  const isSwap = (a: Node, b: Node): boolean =>
    UNARY.has(a.opType)
      ? UNARY.has(b.opType) && a.opType !== b.opType
      : roleOf(a) === roleOf(b) && a.inputs.slice(1).every((name) => shapes.has(name)) && a.inputs.length > 1;
  const { nodes } = model.graph;
  const pairs = nodes.flatMap((a, i) => nodes.slice(i + 1).flatMap((b) => (isSwap(a, b) ? [[a, b] as const] : [])));
  if (pairs.length === 0) return undefined;
  const [a, b] = pairs[random(seed, 'swap').uint32() % pairs.length];
  /** What `other` does, in the place of `node`. */
  const inPlace = (node: Node, other: Node): Node => ({
    ...node,
    opType: other.opType,
    attributes: other.attributes,
    inputs: [node.inputs[0], ...other.inputs.slice(1)],
  });
  const exchanged = nodes.map((node) => (node === a ? inPlace(a, b) : node === b ? inPlace(b, a) : node));
  const inner = (name: string) => [name, `${name}/product`, `${name}/sum`];
  return {
    model: { ...model, graph: { ...model.graph, nodes: exchanged } },
    nodes: [a, b].flatMap(({ name }) => inner(name)),
  };
}

/** θ goes to the middle between the two activations above it, so that one more neuron is silent. */
async function thetaPastOne(model: Model, seed: number): Promise<Planted | undefined> {
  const gates = model.graph.nodes.filter(({ opType }) => opType === 'Greater');
  const [one] = seededCases(model, { seed });
  const operands = gates.map(({ inputs }) => inputs[0]);
  const session = await backend.open({ bytes: encodeModel(withOutputs(model, operands)) });
  const { outputs } = await session.run(one.feeds);
  await session.close();
  for (const gate of gates) {
    const [x, theta] = gate.inputs;
    const weight = model.graph.initializers.find(({ name }) => name === theta);
    if (weight === undefined) continue;
    const [value] = tensorOf(weight).data as Float32Array;
    const [next, after] = Float32Array.from(outputs[x].data as Float32Array)
      .filter((activation) => activation > value)
      .sort();
    if (next === undefined || after === undefined || next === after) continue;
    const moved = { dtype: 'float32', shape: [], data: Float32Array.of((next + after) / 2) } as const;
    return { model: withWeight(model, theta, moved), nodes: [gate.name] };
  }
  return undefined;
}
