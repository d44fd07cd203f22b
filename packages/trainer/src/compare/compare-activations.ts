/**
 * Which f, which θ? The same network trained with each f and each θ from the same seeds, and what came of it: test
 * accuracy, the gap between training and test, sparsity, each a mean with its 95 % interval. Settings share their seeds,
 * so two of them are compared seed by seed, which takes out what the seed does; where many are compared with one, their
 * intervals are wide enough to hold all at once.
 */
import {
  type ActivationName,
  badInput,
  type MeanInterval,
  meanInterval,
  RheobaseError,
  type Sequential,
} from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import type { Dataset } from '../data/index.js';
import type { FitOptions } from '../fit/index.js';
import { type LossName, type TrainLog, type TrainNetworkOptions, trainNetwork } from '../recipe/index.js';
import { controlOf, isSame, type Setting, settingsOf, type ThresholdChoice, withSetting } from './setting.js';

export interface CompareOptions
  extends Pick<FitOptions, 'epochs' | 'batchSize' | 'learningRate' | 'session' | 'signal'> {
  /** How the comparison calls the network. */
  readonly name: string;
  /** Layers, some of them thresholds, which every setting takes the place of. */
  readonly network: Sequential;
  /** Extents of one example as the network takes it; default those of the data. */
  readonly inputShape?: readonly number[];
  readonly backend: Backend;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly loss?: LossName | 'auto';
  readonly activations: readonly ActivationName[];
  readonly thresholds: readonly ThresholdChoice[];
  /** Trains every setting once more pulled to this share of silent neurons, and plain ReLU too as their control. */
  readonly targetSparsity?: number;
  /** Seeds 0, 1, …; default 5. */
  readonly seeds?: number;
  readonly onRun?: (run: { readonly done: number; readonly total: number; readonly setting: Setting }) => void;
}

/** Shares of 1; accuracies are null where the loss has none. */
export interface ComparedRun {
  readonly seed: number;
  readonly testAccuracy: number | null;
  readonly trainAccuracy: number | null;
  readonly testLoss: number;
  readonly trainLoss: number;
  /** On the test data, the mean of the threshold layers. */
  readonly sparsity: number;
  readonly layers: Readonly<Record<string, number>>;
  /** Mean θ of each threshold layer after training. */
  readonly thetas: Readonly<Record<string, number>>;
}

export interface ComparedSetting extends Setting {
  /** Of the metric: test accuracy, or test loss. */
  readonly test: MeanInterval;
  /** Training − test, of the metric. */
  readonly gap: MeanInterval;
  readonly sparsity: MeanInterval;
  /** Test metric − that of the best setting, seed by seed, all of them at once; null for the best itself. */
  readonly toBest: MeanInterval | null;
  /** Of a pulled setting: what differs from plain ReLU with the same pull, seed by seed, all of them at once. */
  readonly toControl: { readonly test: MeanInterval; readonly sparsity: MeanInterval } | null;
  readonly runs: readonly ComparedRun[];
}

/** `rheobase/compare-activations@1`. */
export interface ActivationComparison {
  readonly schema: 'rheobase/compare-activations@1';
  readonly network: string;
  readonly backend: string;
  readonly examples: number;
  readonly epochs: number;
  readonly seeds: number;
  /** What decides: accuracy where the loss has one (more is better), else the loss (less is better). */
  readonly metric: 'accuracy' | 'loss';
  /** The best first. */
  readonly settings: readonly ComparedSetting[];
  /** Trainings that broke, with the reason. */
  readonly failures: readonly (Setting & { readonly seed: number; readonly reason: string })[];
  readonly best: Setting | null;
  /** Those that cannot be told from the best, itself included. */
  readonly asGood: readonly Setting[];
  /** The one with most silent neurons among them. */
  readonly sparsest: Setting | null;
}

/**
 * @throws RheobaseError `bad-input` for empty lists, numbers that make no sense, a network without thresholds, and as
 *   `fit`. A training whose loss breaks is a failure in the result.
 */
export async function compareActivations(options: CompareOptions): Promise<ActivationComparison> {
  const { name, backend, train, activations, thresholds, targetSparsity, seeds = 5, epochs = 10, signal } = options;
  checkOptions(options, seeds);
  const settings = settingsOf(activations, thresholds, targetSparsity);
  const runs = new Map<Setting, ComparedRun[]>(settings.map((setting) => [setting, []]));
  const failures: ActivationComparison['failures'][number][] = [];
  const total = settings.length * seeds;
  let done = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    for (const setting of settings) {
      const outcome = signal?.aborted ? undefined : await runOne(setting, seed, options);
      if (outcome === undefined) break;
      if ('reason' in outcome) failures.push({ ...setting, seed, reason: outcome.reason });
      else runs.get(setting)?.push(outcome);
      done += 1;
      options.onRun?.({ done, total, setting });
    }
  }
  const metric = [...runs.values()].flat().every(({ testAccuracy }) => testAccuracy !== null) ? 'accuracy' : 'loss';
  const compared = summarize(runs, metric);
  const asGood = compared.filter((one, rank) => rank === 0 || isAsGood(one, metric));
  return {
    schema: 'rheobase/compare-activations@1',
    network: name,
    backend: backend.id,
    examples: train.count,
    epochs,
    seeds,
    metric,
    settings: compared,
    failures,
    best: compared.length === 0 ? null : plain(compared[0]),
    asGood: asGood.map(plain),
    sparsest: sparsestOf(asGood),
  };
}

function checkOptions({ activations, thresholds, targetSparsity, network }: CompareOptions, seeds: number): void {
  if (activations.length === 0) throw badInput('no activation to compare', { remedy: 'name at least one' });
  if (thresholds.length === 0) throw badInput('no threshold to compare', { remedy: 'give at least one' });
  const broken = thresholds.find(({ threshold }) => !Number.isFinite(threshold));
  if (broken !== undefined) throw badInput(`the threshold ${broken.threshold} is not a number`);
  if (targetSparsity !== undefined && !(targetSparsity > 0 && targetSparsity < 1)) {
    throw badInput(`a target of ${targetSparsity} silent neurons`, { remedy: 'give a share between 0 and 1' });
  }
  if (!Number.isSafeInteger(seeds) || seeds < 1) {
    throw badInput(`${seeds} seeds`, { remedy: 'give a whole number of 1 or more' });
  }
  withSetting(network, settingsOf(activations, thresholds, undefined)[0]);
}

/** Undefined where the signal ended it. */
async function runOne(
  setting: Setting,
  seed: number,
  {
    name,
    network,
    backend,
    train,
    test,
    inputShape,
    loss,
    epochs,
    batchSize,
    learningRate,
    session,
    signal,
  }: CompareOptions,
): Promise<ComparedRun | { readonly reason: string } | undefined> {
  const asked = { inputShape, loss, epochs, batchSize, learningRate, session, signal };
  const given: Partial<TrainNetworkOptions> = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  );
  const pull = setting.pulledTo === null ? {} : { sparsity: { target: { sparsity: setting.pulledTo } } };
  try {
    const chosen = { ...given, ...pull, backend, train, test, seed, recipe: name };
    const { log, result } = await trainNetwork(withSetting(network, setting), chosen);
    return result.ended === 'aborted' ? undefined : runOf(log, seed);
  } catch (error) {
    if (error instanceof RheobaseError && error.code === 'failed') return { reason: error.message };
    throw error;
  }
}

function runOf({ test, train, sparsity, thetas }: TrainLog, seed: number): ComparedRun {
  return {
    seed,
    testAccuracy: test.accuracy,
    trainAccuracy: train.accuracy,
    testLoss: test.loss ?? Number.NaN,
    trainLoss: train.loss,
    sparsity: meanOf(Object.values(sparsity)),
    layers: sparsity,
    thetas: Object.fromEntries(Object.entries(thetas).map(([layer, theta]) => [layer, meanOf([theta].flat())])),
  };
}

type Metric = ActivationComparison['metric'];

function summarize(runs: ReadonlyMap<Setting, readonly ComparedRun[]>, metric: Metric): ComparedSetting[] {
  const tested = (run: ComparedRun) => (metric === 'accuracy' ? (run.testAccuracy ?? Number.NaN) : run.testLoss);
  const trained = (run: ComparedRun) => (metric === 'accuracy' ? (run.trainAccuracy ?? Number.NaN) : run.trainLoss);
  const better = metric === 'accuracy' ? -1 : 1;
  const rows = Array.from(runs, ([setting, own]) => ({ setting, own, test: meanInterval(own.map(tested)) }))
    .filter(({ own }) => own.length > 0)
    .sort((a, b) => better * (a.test.mean - b.test.mean));
  const pulled = rows.filter(({ setting }) => setting.pulledTo !== null);
  const control = pulled.find(({ setting }) => isSame(setting, controlOf(setting.pulledTo ?? 0)));
  return rows.map(({ setting, own, test }, rank) => ({
    ...setting,
    test,
    gap: meanInterval(own.map((run) => trained(run) - tested(run))),
    sparsity: meanInterval(own.map((run) => run.sparsity)),
    toBest: rank === 0 ? null : difference(own, rows[0].own, tested, rows.length - 1),
    toControl:
      control === undefined || setting.pulledTo === null || setting === control.setting
        ? null
        : {
            test: difference(own, control.own, tested, pulled.length - 1),
            sparsity: difference(own, control.own, (run) => run.sparsity, pulled.length - 1),
          },
    runs: own,
  }));
}

/** Of the seeds that both have. */
function difference(
  own: readonly ComparedRun[],
  other: readonly ComparedRun[],
  of: (run: ComparedRun) => number,
  comparisons: number,
): MeanInterval {
  const bySeed = new Map(other.map((run) => [run.seed, of(run)]));
  const differences = own.flatMap((run) => {
    const theirs = bySeed.get(run.seed);
    return theirs === undefined ? [] : [of(run) - theirs];
  });
  return meanInterval(differences, Math.max(comparisons, 1));
}

/** Whether the interval leaves it open which of the two is better; of a single seed it always does. */
function isAsGood({ toBest }: ComparedSetting, metric: Metric): boolean {
  if (toBest === null || toBest.ciHigh === null || toBest.ciLow === null) return true;
  return metric === 'accuracy' ? toBest.ciHigh >= 0 : toBest.ciLow <= 0;
}

function sparsestOf(settings: readonly ComparedSetting[]): Setting | null {
  const [most] = settings.toSorted((a, b) => b.sparsity.mean - a.sparsity.mean);
  return most === undefined ? null : plain(most);
}

function plain({ activation, threshold, learnt, pulledTo }: Setting): Setting {
  return { activation, threshold, learnt, pulledTo };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(numbers.length, 1);
}
