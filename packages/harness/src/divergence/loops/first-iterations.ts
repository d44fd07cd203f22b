/**
 * A Loop or Scan by itself, run for as many iterations as it is told. After k iterations the state shows what the first k
 * have made, so that the first iteration in which two sides part can be searched for, whatever types and shapes the
 * state has.
 */
import {
  type Graph,
  initializer,
  type Model,
  type Node,
  plainNode,
  type ValueInfo,
  valueInfo,
} from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { extractNodes } from '../../reduce/index.js';
import { type LoopNode, loopMaking, type ScannedInput } from './loop-node.js';

/** Inputs that say how many: of a Loop its trip count, of a Scan the elements to take from the front and from the back. */
const TRIPS = 'rheobase:trips';
const FROM_FRONT = 'rheobase:from_front';
const FROM_BACK = 'rheobase:from_back';
/** Further outputs of a Loop: how many iterations there were, and whether there would be more. */
const COUNT = 'rheobase:count';
const GOES_ON = 'rheobase:goes_on';

export interface FirstIterations {
  readonly model: Model;
  /** Names of the state after the last iteration, in order. */
  readonly state: readonly string[];
}

/** `values` are those of a run, by which inputs are typed. Undefined where `value` is made by no Loop or Scan. */
export function firstIterations(model: Model, value: string, values: Feeds): FirstIterations | undefined {
  const loop = loopMaking(model, value);
  if (loop === undefined) return undefined;
  const state = loop.final.map((name, index) => name || `rheobase:state${index}`);
  const node = loop.kind === 'Loop' ? countedLoop(loop, state) : shortenedScan(loop, state);
  const { graph } = extractNodes(model, [loop.node], values).model;
  const extra = loop.kind === 'Loop' ? loopExtras() : scanExtras(loop.scanned);
  const read = new Set(node.inputs);
  const outputs = node.outputs.filter((name) => name !== '');
  const part: Graph = {
    ...graph,
    // The trip count that the model gives is not read any more.
    inputs: [
      ...graph.inputs.filter(({ name }) => loop.kind === 'Scan' || read.has(name) || name !== loop.node.inputs[0]),
      ...extra.inputs,
    ],
    initializers: [...graph.initializers, ...extra.initializers],
    nodes: [...graph.nodes.filter((one) => one !== loop.node), ...extra.nodes, node],
    outputs: outputs.map((name) => valueInfo(name)),
  };
  return { model: { ...model, graph: part }, state };
}

/** What to feed besides, for `count` iterations. */
export function iterationFeeds({ model }: FirstIterations, count: number): Feeds {
  const feeds: Feeds = {
    [TRIPS]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
    [FROM_FRONT]: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(count)) },
    [FROM_BACK]: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(-count)) },
  };
  const taken = new Set(model.graph.inputs.map(({ name }) => name));
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => taken.has(name)));
}

/** How many iterations a run of a Loop had; undefined for a Scan, whose input tells. */
export function countIn(outputs: Feeds): number | undefined {
  const count = Object.hasOwn(outputs, COUNT) ? outputs[COUNT] : undefined;
  return count === undefined ? undefined : Number(count.data[0]);
}

function countedLoop({ node, body, carriedIn, carriedOut, initial }: LoopNode, state: readonly string[]): Node {
  const [iteration, condition] = [body.inputs[0]?.name ?? '', body.outputs[0]?.name ?? ''];
  const isCarried = (index: number): boolean => index < carriedOut.length;
  const graph: Graph = {
    ...body,
    inputs: [...body.inputs, info(`${COUNT}:in`, 'int64', []), info(`${GOES_ON}:in`, 'bool', [])],
    outputs: [
      ...body.outputs.slice(0, 1 + carriedOut.length),
      info(`${COUNT}:out`, 'int64', []),
      info(`${GOES_ON}:out`, 'bool', []),
      ...body.outputs.slice(1 + carriedOut.length),
    ],
    nodes: [
      ...body.nodes,
      plainNode('Add', [iteration, `${COUNT}:one`], [`${COUNT}:out`]),
      plainNode('Identity', [condition], [`${GOES_ON}:out`]),
    ],
  };
  return {
    ...node,
    inputs: [TRIPS, node.inputs[1] ?? '', ...initial.slice(0, carriedIn.length), `${COUNT}:none`, `${GOES_ON}:yes`],
    outputs: [...state, COUNT, GOES_ON, ...node.outputs.filter((_, index) => !isCarried(index))],
    attributes: node.attributes.map((one) =>
      one.name === 'body' ? { name: 'body', kind: 'graph', value: graph } : one,
    ),
  };
}

function shortenedScan({ node, initial, scanned }: LoopNode, state: readonly string[]): Node {
  return {
    ...node,
    inputs: [...initial, ...scanned.map(shortName)],
    outputs: [...state, ...node.outputs.slice(state.length)],
  };
}

interface Extras {
  readonly inputs: readonly ValueInfo[];
  readonly initializers: Graph['initializers'];
  readonly nodes: readonly Node[];
}

function loopExtras(): Extras {
  const constants: Readonly<Record<string, Tensor>> = {
    [`${COUNT}:one`]: integers([], 1n),
    [`${COUNT}:none`]: integers([], 0n),
    [`${GOES_ON}:yes`]: { dtype: 'bool', shape: [], data: Uint8Array.of(1) },
  };
  return {
    inputs: [info(TRIPS, 'int64', [])],
    initializers: Object.entries(constants).map(([name, value]) => initializer(name, value)),
    nodes: [],
  };
}

/** The first elements of each scanned input, or its last ones, as a Slice. */
function scanExtras(scanned: readonly ScannedInput[]): Extras {
  const isUsed = (name: string): boolean => scanned.some(({ isReversed }) => isReversed === (name === FROM_BACK));
  return {
    inputs: [FROM_FRONT, FROM_BACK].filter(isUsed).map((name) => info(name, 'int64', [1])),
    initializers: [
      initializer('rheobase:start', integers([1], 0n)),
      initializer('rheobase:end', integers([1], 2n ** 62n)),
      ...scanned.map(({ axis }, index) => initializer(`rheobase:axis${index}`, integers([1], BigInt(axis)))),
    ],
    nodes: scanned.map((one, index) => {
      const range = one.isReversed ? [FROM_BACK, 'rheobase:end'] : ['rheobase:start', FROM_FRONT];
      return plainNode('Slice', [one.outside, ...range, `rheobase:axis${index}`], [shortName(one, index)]);
    }),
  };
}

function shortName(_: ScannedInput, index: number): string {
  return `rheobase:scanned${index}`;
}

function integers(shape: readonly number[], value: bigint): Tensor {
  return { dtype: 'int64', shape, data: BigInt64Array.of(value) };
}

function info(name: string, dtype: 'int64' | 'bool', shape: readonly number[]): ValueInfo {
  return valueInfo(name, { kind: 'tensor', dtype, shape });
}
