/**
 * Thresholds from a goal: a sparsity to reach, or an accuracy to keep. Quantiles of the calibrated activations turn a
 * layer's sparsity into its θ; measured error curves decide how much each layer gives.
 */
import type { Theta } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { ActivationStatistics, GateKind } from '../calibration/index.js';
import { type Allocation, allocationFor, greedyPath, type LayerCurve, uniformAllocation } from './allocation.js';
import type { Evaluation, Score } from './evaluation.js';
import type { Settling } from './settled-thresholds.js';
import { type Layer, NO_DIFFERENCE, thetaFor } from './theta.js';

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

export interface ChosenThresholds {
  /** θ by layer; undefined where the layer keeps what it has. */
  readonly thetas: readonly (Theta | undefined)[];
  /** What they silence of all neurons, measured on the samples of the search. */
  readonly sparsity: number;
  /** Points on the way, for a person to pick another. */
  readonly sweep: readonly SweepPoint[];
}

export interface SweepPoint extends Score {
  /** Share of all neurons that is silent, measured. */
  readonly sparsity: number;
  /** θ by layer; undefined where the layer keeps what it has. */
  readonly thetas: readonly (Theta | undefined)[];
}

/** Sparsities at which the error of a layer alone is measured. */
const LEVELS = [0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995];
const SWEEP_POINTS = 8;
const BISECTIONS = 7;

export interface Instruments {
  /** On some samples, many times: curves and sweep. */
  readonly evaluation: Evaluation;
  /** On all samples: a budget is kept on all of them. */
  readonly whole: Evaluation;
  readonly settling: Settling;
}

export async function chooseThresholds(
  layers: readonly Layer[],
  gate: GateKind,
  goal: Goal,
  { evaluation, whole, settling }: Instruments,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ChosenThresholds> {
  if (goal.kind === 'layers') {
    const chosen = await point(byLayer(layers, goal.targets));
    return { ...chosen, sweep: [chosen] };
  }
  if (goal.kind === 'sparsity') checkReachable(layers, goal.target);
  const levels = layers.map(({ statistics }) => levelsOf(statistics, gate));
  const curveSteps = levels.reduce((sum, list) => sum + list.length - 1, 0);
  const total = curveSteps + SWEEP_POINTS + (goal.kind === 'sparsity' ? 1 : 2 + BISECTIONS);
  let done = 0;
  const step = () => onProgress(++done, total);
  const curves = await measureCurves(layers, levels, gate, evaluation, step);
  const path = greedyPath(curves);
  const sweep = (await sweepAlong(path)).toSorted((a, b) => a.sparsity - b.sparsity);
  return { ...(goal.kind === 'sparsity' ? await forSparsity(goal) : await forBudget(goal)), sweep };

  async function point(allocation: Allocation, on = evaluation): Promise<SweepPoint> {
    const { thetas, sparsity } = await settling.settle(layers, allocation, gate);
    return { sparsity, thetas, ...(await on.score(thetas)) };
  }

  async function sweepAlong(way: readonly Allocation[]): Promise<SweepPoint[]> {
    const [low, high] = [way[0]?.sparsity ?? 0, way.at(-1)?.sparsity ?? 0];
    const points: SweepPoint[] = [];
    for (let at = 0; at < SWEEP_POINTS; at += 1) {
      const allocation = allocationFor(way, low + ((high - low) * at) / (SWEEP_POINTS - 1)) ?? way.at(-1);
      if (allocation !== undefined) points.push(await point(allocation));
      step();
    }
    return points;
  }

  function forSparsity({ target, allocation: how = 'greedy' }: SparsityGoal): Promise<SweepPoint> {
    return point((how === 'greedy' ? allocationFor(path, target) : undefined) ?? uniformAllocation(curves, target));
  }

  async function forBudget(budget: BudgetGoal): Promise<SweepPoint> {
    const [first, last] = [path[0], path.at(-1)];
    if (first === undefined || last === undefined) throw badInput('there is no layer to choose a threshold for');
    const keeps = keeper(budget, await whole.score([]));
    step();
    const sparsest = await point(last, whole);
    step();
    return keeps(sparsest) === undefined ? sparsest : bisect(first.sparsity, last.sparsity, keeps);
  }

  /** The sparsest point that keeps the goal, taken to grow worse along the way. */
  async function bisect(from: number, to: number, keeps: (score: Score) => string | undefined): Promise<SweepPoint> {
    let [low, high] = [from, to];
    let best: SweepPoint | undefined;
    let reason: string | undefined;
    for (let bisection = 0; bisection < BISECTIONS; bisection += 1) {
      const middle = (low + high) / 2;
      const allocation = allocationFor(path, middle);
      const candidate = allocation && (await point(allocation, whole));
      const failure = candidate && keeps(candidate);
      if (candidate !== undefined && failure === undefined) {
        low = middle;
        // What keeps everything as it is keeps any budget, and is no answer.
        if (candidate.thetas.some((theta) => theta !== undefined)) best = candidate;
      } else {
        high = middle;
        reason = failure;
      }
      step();
    }
    if (best !== undefined) return best;
    throw badInput(`no threshold keeps the budget: with the lowest one ${reason ?? 'nothing is gained'}`, {
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
  levels: readonly (readonly number[])[],
  gate: GateKind,
  evaluation: Evaluation,
  step: () => void,
): Promise<LayerCurve[]> {
  const curves: LayerCurve[] = [];
  for (const [index, layer] of layers.entries()) {
    const own = levels[index] ?? [];
    const errors: number[] = [];
    for (const level of own) {
      const theta = thetaFor(layer, layer.statistics, level, gate);
      const alone = layers.map((_, other) => (other === index ? theta : undefined));
      errors.push((await evaluation.score(alone)).error);
      if (errors.length > 1) step();
    }
    curves.push({ neurons: layer.neurons, levels: own, errors });
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
