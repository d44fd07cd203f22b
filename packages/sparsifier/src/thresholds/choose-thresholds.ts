/**
 * Thresholds from a goal: a sparsity to reach, or an accuracy to keep. Quantiles of the calibrated activations turn a
 * layer's sparsity into its θ; measured error curves decide how much each layer gives.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { ActivationStatistics, GateKind } from '../calibration/index.js';
import { type Allocation, allocationFor, greedyPath, type LayerCurve, uniformAllocation } from './allocation.js';
import type { Evaluation, Score } from './evaluation.js';
import type { Theta } from './existing-threshold.js';

export type Goal = SparsityGoal | LayersGoal | BudgetGoal;

/** Share of all neurons to silence; `allocation` tells how layers share it (default `greedy`). */
export interface SparsityGoal {
  readonly kind: 'sparsity';
  readonly target: number;
  readonly allocation?: 'greedy' | 'uniform';
}

/** Shares by the activation's node. */
export interface LayersGoal {
  readonly kind: 'layers';
  readonly targets: Readonly<Record<string, number>>;
}

export type BudgetGoal =
  /** As sparse as accuracy allows: at most `maxDrop` of accuracy lost, as a share (0.005 is half a point). */
  | { readonly kind: 'accuracy'; readonly maxDrop: number }
  /** As sparse as the output's relative error allows. */
  | { readonly kind: 'error'; readonly maxError: number };

export interface Layer {
  /** Node of the activation. */
  readonly node: string;
  readonly statistics: ActivationStatistics;
  /** Values that the layer has for one sample: its neurons, in images one for each channel and place. */
  readonly neurons: number;
  /** One θ for each channel, all channels equally silent. */
  readonly perChannel: boolean;
}

export interface ChosenThresholds {
  /** θ by layer; undefined where the layer keeps what it has. */
  readonly thetas: readonly (Theta | undefined)[];
  /** The sparsity that each θ was chosen for. */
  readonly allocation: Allocation;
  /** Points on the way, for a person to pick another. */
  readonly sweep: readonly SweepPoint[];
}

export interface SweepPoint extends Score {
  readonly sparsity: number;
  /** θ by layer; undefined where the layer keeps what it has. */
  readonly thetas: readonly (Theta | undefined)[];
}

/** Sparsities at which the error of a layer alone is measured. */
const LEVELS = [0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995];
const SWEEP_POINTS = 8;
const BISECTIONS = 7;

/**
 * @param evaluation on some samples, many times: curves and sweep.
 * @param whole on all samples: a budget is kept on all of them.
 */
export async function chooseThresholds(
  layers: readonly Layer[],
  gate: GateKind,
  goal: Goal,
  { evaluation, whole }: { readonly evaluation: Evaluation; readonly whole: Evaluation },
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ChosenThresholds> {
  const thetasOf = ({ sparsities }: Allocation) =>
    sparsities.map((share, layer) => thetaFor(layers[layer], share, gate));
  if (goal.kind === 'layers') {
    const allocation = byLayer(layers, goal.targets);
    return { thetas: thetasOf(allocation), allocation, sweep: [await point(allocation)] };
  }
  if (goal.kind === 'sparsity') checkReachable(layers, goal.target);
  const curves = await measureCurves(layers, gate, evaluation, onProgress);
  const path = greedyPath(curves);
  const sweep = await sweepAlong(path);
  const allocation = goal.kind === 'sparsity' ? forSparsity(goal) : await forBudget(goal);
  return { thetas: thetasOf(allocation), allocation, sweep };

  async function point(allocation: Allocation, on = evaluation): Promise<SweepPoint> {
    const thetas = thetasOf(allocation);
    return { sparsity: allocation.sparsity, thetas, ...(await on.score(thetas)) };
  }

  async function sweepAlong(way: readonly Allocation[]): Promise<SweepPoint[]> {
    const [low, high] = [way[0]?.sparsity ?? 0, way.at(-1)?.sparsity ?? 0];
    const points: SweepPoint[] = [];
    for (let step = 0; step < SWEEP_POINTS; step += 1) {
      const allocation = allocationFor(way, low + ((high - low) * step) / (SWEEP_POINTS - 1)) ?? way.at(-1);
      if (allocation !== undefined) points.push(await point(allocation));
    }
    return points;
  }

  function forSparsity({ target, allocation: how = 'greedy' }: SparsityGoal): Allocation {
    return (how === 'greedy' ? allocationFor(path, target) : undefined) ?? uniformAllocation(curves, target);
  }

  async function forBudget(budget: BudgetGoal): Promise<Allocation> {
    const [first, last] = [path[0], path.at(-1)];
    if (first === undefined || last === undefined) throw badInput('there is no layer to choose a threshold for');
    return bisect(first, last, keeper(budget, await point(first, whole)));
  }

  /** The sparsest allocation that keeps the goal, taken to grow worse along the way. */
  async function bisect(first: Allocation, last: Allocation, keeps: (score: Score) => string | undefined) {
    if (keeps(await point(last, whole)) === undefined) return last;
    let [low, high] = [first.sparsity, last.sparsity];
    let best: Allocation | undefined;
    let reason: string | undefined;
    for (let step = 0; step < BISECTIONS; step += 1) {
      const middle = (low + high) / 2;
      const candidate = allocationFor(path, middle) ?? last;
      reason = keeps(await point(candidate, whole));
      if (reason === undefined) {
        best = candidate;
        low = middle;
      } else high = middle;
    }
    if (best !== undefined) return best;
    throw badInput(`no threshold keeps the budget: ${reason ?? 'nothing was gained'}`, {
      remedy: 'allow a larger loss',
    });
  }
}

/** Answers why a score is out of the budget, undefined where it keeps it. */
function keeper(goal: BudgetGoal, before: Score): (score: Score) => string | undefined {
  if (goal.kind === 'error') {
    return ({ error }) => (error <= goal.maxError ? undefined : `the output is off by ${(error * 100).toFixed(2)} %`);
  }
  const { accuracy: reference } = before;
  if (reference === null)
    throw badInput('an accuracy to keep needs labels', { remedy: 'give labels, or bound the error' });
  return ({ accuracy }) => {
    const drop = reference - (accuracy ?? 0);
    return drop <= goal.maxDrop ? undefined : `accuracy falls by ${(drop * 100).toFixed(2)} points`;
  };
}

/** The error that each layer causes alone, at each level above what it has by itself. */
async function measureCurves(
  layers: readonly Layer[],
  gate: GateKind,
  evaluation: Evaluation,
  onProgress: (done: number, total: number) => void,
): Promise<LayerCurve[]> {
  const levels = layers.map(({ statistics }) => levelsOf(statistics, gate));
  const total = levels.reduce((sum, list) => sum + list.length - 1, 0);
  let done = 0;
  const curves: LayerCurve[] = [];
  for (const [index, layer] of layers.entries()) {
    const errors: number[] = [];
    for (const level of levels[index] ?? []) {
      const thetas = layers.map((_, other) => (other === index ? thetaFor(layer, level, gate) : undefined));
      errors.push((await evaluation.score(thetas)).error);
      if (errors.length > 1) onProgress(++done, total);
    }
    curves.push({ neurons: layer.statistics.count, levels: levels[index] ?? [], errors });
  }
  return curves;
}

/** What the layer is silent by itself, what θ = 0 makes of it, and the levels above. */
function levelsOf(statistics: ActivationStatistics, gate: GateKind): number[] {
  const own = statistics.zeroShare;
  const least = statistics.silentShare(0, gate);
  const above = LEVELS.filter((level) => level > least + NO_DIFFERENCE);
  return least > own + NO_DIFFERENCE ? [own, least, ...above] : [own, ...above];
}

/**
 * The θ that silences a share; undefined where the layer is that silent by itself. Never below 0: a value gate there
 * would silence what is most negative and let through what is nearly nothing.
 */
function thetaFor(layer: Layer | undefined, share: number, gate: GateKind): Theta | undefined {
  if (layer === undefined || share <= layer.statistics.zeroShare + NO_DIFFERENCE) return undefined;
  const { statistics, perChannel } = layer;
  const theta = (quantile: number) => Math.fround(Math.max(0, quantile));
  if (!perChannel) return theta(statistics.quantile(share, gate));
  return Array.from({ length: statistics.channels }, (_, channel) =>
    theta(statistics.channelQuantile(channel, share, gate)),
  );
}

/** Shares closer than this are the same. */
const NO_DIFFERENCE = 0.005;

function byLayer(layers: readonly Layer[], targets: Readonly<Record<string, number>>): Allocation {
  const unknown = Object.keys(targets).find((node) => layers.every((layer) => layer.node !== node));
  if (unknown !== undefined) {
    throw badInput(`there is no activation '${unknown}'`, {
      remedy: `choose from ${layers.map(({ node }) => node).join(', ')}`,
    });
  }
  let silent = 0;
  let all = 0;
  const sparsities = layers.map((layer) => {
    const { node, statistics } = layer;
    const own = statistics.zeroShare;
    const target = targets[node] ?? own;
    if (targets[node] !== undefined) checkReachable([layer], target);
    silent += statistics.count * Math.max(own, target);
    all += statistics.count;
    return Math.max(own, target);
  });
  return { sparsities, sparsity: silent / all };
}

/** A share that would leave less than one neuron firing in the widest layer says more than the data can. */
function checkReachable(layers: readonly Layer[], target: number): void {
  if (!(target >= 0 && target < 1)) {
    throw badInput(`a target sparsity of ${target}`, { remedy: 'choose a share from 0 to below 1' });
  }
  const { node, neurons } = layers.reduce((best, layer) => (layer.neurons > best.neurons ? layer : best));
  if ((1 - target) * neurons >= 1) return;
  throw badInput(`a target sparsity of ${target} leaves less than one of ${neurons} neurons`, {
    where: `activation ${node}`,
    remedy: `choose at most ${Math.floor((1 - 1 / neurons) * 1000) / 1000}`,
  });
}
