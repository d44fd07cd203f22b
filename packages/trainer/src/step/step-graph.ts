/**
 * The values of one training step: forward, loss, backward, update. From them `trainingStep` makes a model of one step
 * and `trainingLoop` one of many.
 */
import { constant, type Dim, type DType, type FloatDType, type Network, op, type Value } from '@rheobase/exporter';
import { gradient } from '../gradients/index.js';
import { masked, total } from '../graph/arithmetic.js';
import { withShape } from '../graph/values.js';
import type { Loss } from '../losses/index.js';
import { clipByNorm, type Optimizer, type UpdateInputs } from '../optimizers/index.js';
import {
  activeNeurons,
  DEFAULT_TARGET,
  l0Penalty,
  l1Penalty,
  pullToTarget,
  targetPenalty,
} from '../threshold/index.js';
import { type Distillation, distilled } from './distillation.js';
import { isDropout } from './dropout.js';
import { type Gated, trainingForward } from './forward.js';
import { shapesOf } from './network-shapes.js';
import { cutApart, joinUp, type ParameterVector, parameterVector, type VectorGroup } from './parameter-vector.js';

export interface SparsityOptions {
  /** λ of λ·L0, the cost of each active neuron of an example; moves trainable thresholds. */
  readonly l0?: number;
  /** λ of λ·Σ|y|, through the activations themselves. */
  readonly l1?: number;
  /**
   * The share of silent neurons that each layer is to reach: by `weight`·(L0/L0* − 1)² on trainable thresholds, and by an
   * L1 of `pull` on the activations as long as too many are active. Default: 0.1 and 0.003.
   */
  readonly target?: { readonly sparsity: number; readonly weight?: number; readonly pull?: number };
}

export interface StepOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Greatest norm of the gradient; unlimited by default. */
  readonly clipNorm?: number;
  /** Whether a bool vector `mask` holds parameters at zero where it is false. */
  readonly masked?: boolean;
  /** A teacher to learn from, beside the targets. */
  readonly distillation?: Distillation;
  /** Penalties, for every layer with a gate. */
  readonly sparsity?: SparsityOptions;
  /** Width of the windows through which thresholds learn; see `learnedThreshold`. */
  readonly bandwidth?: number;
  /** The batch dimension; default `batch`. A number makes a slightly faster graph. */
  readonly batch?: Dim;
  /** Seed of parameters that are not trained; default 0. */
  readonly seed?: number;
}

/** One group of a state vector. */
export interface GroupState {
  /** `parameters`, or a slot of the optimizer. */
  readonly vector: string;
  readonly now: Value;
  readonly next: Value;
}

export interface StepGraph {
  /** By vector (parameters first, then slots), within it by group. */
  readonly state: readonly GroupState[];
  /** What every step tells: loss, correct, active/…. */
  readonly told: Readonly<Record<string, Value>>;
}

export interface StepSources {
  /** A group of a state vector before the step. */
  state(vector: string, group: number): Value;
  /** A group of the mask, where the step is masked. */
  mask?(group: number): Value<'bool'>;
  /** Scalars that the optimizer's `rates` gave for the step. */
  readonly rates: Readonly<Record<string, Value>>;
  /** What `fedTypes` asks for. */
  readonly fed: Readonly<Record<string, Value>>;
}

export interface FedType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** What every step is fed anew, by name: x, y, and `<layer>/kept` for every layer with dropout. */
export function fedTypes(network: Network, { loss, batch = 'batch' }: StepOptions): Record<string, FedType> {
  const { output, layers } = shapesOf(network, batch);
  const target = loss.target(output);
  const masks = network.layers.flatMap(({ name, layer }): [string, FedType][] =>
    isDropout(layer) && layer.rate > 0 ? [[`${name}/kept`, { dtype: 'bool', shape: layers[name].shape ?? [] }]] : [],
  );
  const x = { dtype: network.dtype, shape: [batch, ...network.inputShape] };
  return { x, y: { dtype: target.dtype, shape: target.shape ?? [] }, ...Object.fromEntries(masks) };
}

/** @throws RheobaseError `bad-input` where the network cannot be trained: nothing trainable, an operator without a rule. */
export function stepGraph(network: Network, options: StepOptions, sources: StepSources): StepGraph {
  const { loss: lossOf, optimizer, clipNorm, seed = 0, bandwidth, distillation, sparsity = {} } = options;
  const { x, y } = sources.fed;
  const vector = parameterVector(network);
  const parameters = vector.groups.map((_, index) => sources.state('parameters', index));
  const views = Object.assign(
    {},
    ...vector.groups.map((group, index) => cutApart(group, parameters[index])),
  ) as Readonly<Record<string, Value<FloatDType>>>;
  const forward = trainingForward(network, x as Value<FloatDType>, views, {
    seed,
    kept: (layer) => sources.fed[`${layer}/kept`] as Value<'bool'>,
    ...(bandwidth === undefined ? {} : { bandwidth }),
  });
  const { loss: hard, correct } = lossOf.build(forward.output, y);
  const loss = distillation === undefined ? hard : distilled(hard, forward.output, x, distillation);
  const penalties = forward.gated.flatMap((gated) => penaltiesOf(gated, sparsity, bandwidth));
  const gradients = groupedGradients(total([loss, ...penalties]), vector, views);
  const clipped = clipNorm === undefined ? gradients : clipByNorm(gradients, clipNorm);
  const updates = vector.groups.map((group, index) => {
    const slots = optimizer.slots.map((slot): [string, Value] => [slot, sources.state(slot, index)]);
    const inputs = { parameters: parameters[index], gradient: clipped[index], slots: Object.fromEntries(slots) };
    const updated = optimizer.update({ ...inputs, rates: sources.rates, decayed: decayedOf(group, vector) });
    const mask = sources.mask?.(index);
    const next = mask === undefined ? updated : { ...updated, parameters: masked(mask, updated.parameters) };
    return { now: inputs, next };
  });
  const names = ['parameters', ...optimizer.slots] as const;
  const active = forward.gated.map(({ layer, y: output }) => [`active/${layer}`, countActive(output)]);
  return {
    state: names.flatMap((name) =>
      updates.map(({ now, next }) => ({ vector: name, now: part(now, name), next: part(next, name) })),
    ),
    told: { loss, ...(correct === undefined ? {} : { correct }), ...Object.fromEntries(active) },
  };
}

function part({ parameters, slots }: Pick<UpdateInputs, 'parameters' | 'slots'>, vector: string): Value {
  return vector === 'parameters' ? parameters : slots[vector];
}

function groupedGradients(
  loss: Value,
  { entries, groups }: ParameterVector,
  views: Readonly<Record<string, Value>>,
): Value[] {
  const gradients = gradient(
    loss,
    entries.map(({ name }) => views[name]),
  );
  const byName = new Map(entries.map(({ name }, index) => [name, gradients[index]]));
  return groups.map(({ entries: own, size }) =>
    joinUp(
      size,
      own.flatMap(({ name }) => byName.get(name) ?? []),
    ),
  );
}

/** Penalties of one layer: those on activations for every gate, those on L0 where a threshold learns. */
function penaltiesOf({ x, y, theta, gate }: Gated, sparsity: SparsityOptions, bandwidth: number | undefined): Value[] {
  const { l0, l1, target } = sparsity;
  const penalties = l1 === undefined ? [] : [l1Penalty(y, l1)];
  const { weight, pull } = { ...DEFAULT_TARGET, ...target };
  const wanted = target === undefined ? undefined : neuronsOf(y) * (1 - target.sparsity);
  if (wanted !== undefined && pull > 0) penalties.push(pullToTarget(y, wanted, pull));
  if (theta === undefined || gate === undefined || (l0 === undefined && target === undefined)) return penalties;
  const active = activeNeurons({
    y,
    x,
    theta,
    comparison: gate.comparison,
    ...(bandwidth === undefined ? {} : { bandwidth }),
  });
  if (l0 !== undefined) penalties.push(l0Penalty(active, l0));
  if (wanted !== undefined && weight > 0) penalties.push(targetPenalty(active, wanted, weight));
  return penalties;
}

function neuronsOf({ shape }: Value): number {
  return (shape ?? []).slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
}

function countActive(y: Value): Value {
  const active = op.cast(op.cast(y, 'bool'), 'float32');
  return withShape(op.reduceSum(active, { keepdims: false }), []);
}

/** Weights decay; biases and thresholds, which are vectors or scalars, do not. */
function decayedOf({ entries, size }: VectorGroup, { dtype }: ParameterVector): UpdateInputs['decayed'] {
  const isWeight = ({ shape }: { readonly shape: readonly number[] }) => shape.length > 1;
  if (entries.every(isWeight)) return 'all';
  if (!entries.some(isWeight)) return 'none';
  const mask = new Float32Array(size);
  const start = entries[0].offset;
  for (const { shape, offset, size: own } of entries)
    if (isWeight({ shape })) mask.fill(1, offset - start, offset - start + own);
  const value: Value = constant({ dtype: 'float32', shape: [size], data: mask });
  return dtype === 'float32' ? value : op.cast(value, dtype);
}
