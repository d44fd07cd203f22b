/** The body of a Loop or Scan as a model of its own: one iteration, fed with the state that it starts from. */
import {
  capturesOf,
  constantNodeTensor,
  definedNames,
  type Graph,
  type Model,
  type ValueInfo,
  valueInfo,
} from '@rheobase/exporter';
import { bytesOf, type Tensor, tensorFromBytes } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { type LoopNode, loopMaking } from './loop-node.js';

/**
 * `feeds` are what it is to be fed with, by which its inputs are typed. Weights around the body stay weights; what else it reads
 * from outside is fed. Undefined where `value` is made by no Loop or Scan.
 */
export function oneIteration(model: Model, value: string, feeds: Feeds): Model | undefined {
  const loop = loopMaking(model, value);
  if (loop === undefined) return undefined;
  const { body } = loop;
  const outside = capturesOf(body);
  const constants = model.graph.nodes.filter(
    (node) => constantNodeTensor(node) !== undefined && node.outputs.some((name) => outside.has(name)),
  );
  const made = new Set(body.nodes.flatMap(({ outputs }) => outputs));
  const given = new Set([...definedNames(body), ...model.graph.initializers.map(({ name }) => name)]);
  for (const { outputs } of constants) for (const name of outputs) given.add(name);
  const inputs = [...body.inputs.map(({ name }) => name), ...[...outside].filter((name) => !given.has(name))];
  const graph: Graph = {
    ...body,
    inputs: inputs.map((name) => typedBy(name, feeds)),
    initializers: [...body.initializers, ...model.graph.initializers.filter(({ name }) => outside.has(name))],
    sparseInitializers: [
      ...body.sparseInitializers,
      ...model.graph.sparseInitializers.filter(({ values }) => outside.has(values.name)),
    ],
    nodes: [...constants, ...body.nodes],
    outputs: body.outputs.filter(({ name }) => made.has(name)).map(({ name }) => valueInfo(name)),
    valueInfo: [],
  };
  return { ...model, graph };
}

/**
 * What the inputs of a body are in an iteration (from 0). `state` is what comes into it; `lookUp` tells what is scanned.
 * Undefined where one of them is not known.
 */
export function iterationInputs(
  loop: LoopNode,
  iteration: number,
  state: readonly (Tensor | undefined)[],
  lookUp: (name: string) => Tensor | undefined,
): Feeds | undefined {
  const feeds: Record<string, Tensor> = {};
  if (loop.kind === 'Loop') {
    const [number, condition] = loop.body.inputs;
    if (number !== undefined)
      feeds[number.name] = { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(iteration)) };
    if (condition !== undefined) feeds[condition.name] = { dtype: 'bool', shape: [], data: Uint8Array.of(1) };
  }
  for (const [index, name] of loop.carriedIn.entries()) {
    const value = state[index];
    if (value === undefined) return undefined;
    feeds[name] = value;
  }
  for (const { outside, inside, axis, isReversed } of loop.scanned) {
    const all = lookUp(outside);
    if (all === undefined) return undefined;
    const at = axis < 0 ? axis + all.shape.length : axis;
    feeds[inside] = elementAlong(all, at, isReversed ? (all.shape[at] ?? 0) - 1 - iteration : iteration);
  }
  return feeds;
}

/** `tensor[..., index, ...]` on an axis, which is gone from its shape. */
export function elementAlong(tensor: Tensor, axis: number, index: number): Tensor {
  const { shape } = tensor;
  const rest = shape.filter((_, at) => at !== axis);
  const [outer, inner] = [shape.slice(0, axis), shape.slice(axis + 1)].map((part) => part.reduce((a, b) => a * b, 1));
  const blocks = Array.from({ length: outer ?? 1 }, (_, block) => (block * (shape[axis] ?? 0) + index) * (inner ?? 1));
  if (tensor.dtype === 'string') {
    const strings = tensor.data as readonly string[];
    return { ...tensor, shape: rest, data: blocks.flatMap((start) => strings.slice(start, start + (inner ?? 1))) };
  }
  const bytes = bytesOf(tensor);
  const size =
    bytes.length /
    Math.max(
      shape.reduce((a, b) => a * b, 1),
      1,
    );
  const taken = blocks.map((start) => bytes.subarray(start * size, (start + (inner ?? 1)) * size));
  return tensorFromBytes(tensor.dtype, rest, Buffer.concat(taken));
}

function typedBy(name: string, feeds: Feeds): ValueInfo {
  const value = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
  if (value === undefined) return valueInfo(name);
  return { ...valueInfo(name), type: { kind: 'tensor', dtype: value.dtype, shape: value.shape } };
}
