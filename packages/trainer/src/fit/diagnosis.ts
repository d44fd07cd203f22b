/**
 * Where a loss that is no number came from: the steps up to it are run once more, and then the layers of the network
 * one after the other on the batch that broke it.
 */
import {
  buildModel,
  encodeModel,
  type Network,
  RheobaseError,
  type Tensor,
  type TypedArray,
  type Value,
} from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { type ParameterVector, unpackVector } from '../step/index.js';
import { shapesOf } from '../step/network-shapes.js';
import type { RunFeeds, State, TrainingSession } from './training-session.js';

export interface Breakdown {
  readonly session: TrainingSession;
  readonly network: Network;
  readonly backend: Backend;
  /** Before the run that broke. */
  readonly state: State;
  readonly feeds: RunFeeds;
  readonly batch: number;
  /** Which of the run's steps gave no number. */
  readonly at: number;
  readonly loss: number;
  readonly epoch: number;
  readonly seed: number;
}

/** The error that says at which step, in which layer, and by which parameter. */
export async function diagnose(breakdown: Breakdown): Promise<RheobaseError> {
  const { session, state, feeds, batch, at, loss, epoch } = breakdown;
  const before = at === 0 ? state : await session.stateAfter(firstSteps(feeds, at), batch, state);
  const cause = (await findCause(breakdown, before)) ?? 'the loss itself';
  return new RheobaseError('failed', `the loss is ${loss} at step ${feeds.firstStep + at} (epoch ${epoch}): ${cause}`, {
    remedy: 'lower the learning rate, or limit the gradient by clipNorm',
  });
}

async function findCause(
  { session, network, backend, feeds, at, seed }: Breakdown,
  before: State,
): Promise<string | undefined> {
  const parameters = unpackVector(session.vector, before.parameters.data);
  const broken = brokenParameter(session.vector, parameters);
  const layer = await firstBrokenLayer(
    network,
    backend,
    { ...untrained(network, seed), ...parameters },
    exampleAt(feeds, at),
  );
  if (layer === undefined) return broken && `parameter '${broken}' is not finite`;
  return broken === undefined
    ? `layer '${layer}' gives it`
    : `layer '${layer}' gives it, its cause is parameter '${broken}'`;
}

function brokenParameter(
  { entries }: ParameterVector,
  parameters: Readonly<Record<string, Tensor<'float32'>>>,
): string | undefined {
  return entries.find(({ name }) => !allFinite(parameters[name]))?.name;
}

function allFinite({ data }: Tensor): boolean {
  return (data as Float32Array).every((value) => Number.isFinite(value));
}

function untrained({ parameters }: Network, seed: number): Record<string, Tensor> {
  return Object.fromEntries(
    parameters.filter(({ trainable }) => !trainable).map((one) => [one.name, one.initial(seed)]),
  );
}

async function firstBrokenLayer(
  network: Network,
  backend: Backend,
  parameters: Readonly<Record<string, Tensor>>,
  x: Tensor,
): Promise<string | undefined> {
  const { inputs, layers } = shapesOf(network);
  const model = buildModel({ inputs, outputs: renamed(layers) });
  const session = await backend.open({ bytes: encodeModel(model) });
  try {
    const result = await session.run({ x, ...parameters });
    return Object.keys(layers).find((name) => !allFinite(result.outputs[outputName(name)]));
  } finally {
    await session.close();
  }
}

/** A layer may be called as an input is. */
function renamed(layers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(layers).map(([name, value]) => [outputName(name), value]));
}

const outputName = (layer: string): string => `layer/${layer}`;

/** The first `count` steps of a run. */
function firstSteps({ stacks, rates, firstStep }: RunFeeds, count: number): RunFeeds {
  const cut = Object.entries(stacks).map(([name, tensor]) => [name, rows(tensor, 0, count)]);
  return { stacks: Object.fromEntries(cut), rates: rates.slice(0, count), firstStep };
}

function exampleAt({ stacks }: RunFeeds, at: number): Tensor {
  const { shape, ...rest } = rows(stacks.x, at, at + 1);
  return { ...rest, shape: shape.slice(1) };
}

function rows({ dtype, shape, data }: Tensor, from: number, to: number): Tensor {
  const size = data.length / shape[0];
  return {
    dtype,
    shape: [to - from, ...shape.slice(1)],
    data: (data as TypedArray).slice(from * size, to * size),
  } as Tensor;
}
