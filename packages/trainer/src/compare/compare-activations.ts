/**
 * Which f, which θ? The same network trained with each f and each θ from the same seeds, and what came of it: test
 * accuracy, the gap between training and test, sparsity, each a mean with its 95 % interval. Settings share their seeds,
 * so two of them are compared seed by seed, which takes out what the seed does.
 */
import { type ActivationName, badInput, RheobaseError } from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import type { LabelledImages } from '../data/index.js';
import type { FitOptions } from '../fit/index.js';
import { recipeOf, type TrainLog, trainRecipe } from '../recipe/index.js';
import { type MeanInterval, meanInterval } from './interval.js';

export interface CompareOptions extends Pick<FitOptions, 'epochs' | 'batchSize' | 'session' | 'signal'> {
  readonly recipe: string;
  readonly backend: Backend;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly activations: readonly ActivationName[];
  readonly thresholds: readonly number[];
  /** Seeds 0, 1, …; default 5. */
  readonly seeds?: number;
  readonly onRun?: (run: { readonly done: number; readonly total: number; readonly setting: Setting }) => void;
}

export interface Setting {
  readonly activation: ActivationName;
  readonly threshold: number;
}

/** Shares of 1; `sparsity` on the test images, the mean of the threshold layers, and by layer. */
export interface ComparedRun {
  readonly seed: number;
  readonly testAccuracy: number;
  readonly trainAccuracy: number;
  readonly sparsity: number;
  readonly layers: Readonly<Record<string, number>>;
}

export interface ComparedSetting extends Setting {
  readonly testAccuracy: MeanInterval;
  /** Training accuracy − test accuracy. */
  readonly gap: MeanInterval;
  readonly sparsity: MeanInterval;
  /** Test accuracy − that of the best setting, seed by seed; null for the best itself. */
  readonly toBest: MeanInterval | null;
  readonly runs: readonly ComparedRun[];
}

/** `rheobase/compare-activations@1`. */
export interface ActivationComparison {
  readonly schema: 'rheobase/compare-activations@1';
  readonly recipe: string;
  readonly backend: string;
  readonly images: number;
  readonly epochs: number;
  readonly seeds: number;
  /** Best test accuracy first. */
  readonly settings: readonly ComparedSetting[];
  /** Trainings that broke, with the reason. */
  readonly failures: readonly (Setting & { readonly seed: number; readonly reason: string })[];
  readonly best: Setting | null;
  /** The one with most silent neurons among those whose accuracy cannot be told from the best. */
  readonly sparsest: Setting | null;
}

/**
 * @throws RheobaseError `bad-input` for empty lists, numbers that make no sense and what is no recipe. A training whose
 *   loss breaks is a failure in the result.
 */
export async function compareActivations(options: CompareOptions): Promise<ActivationComparison> {
  const { recipe, backend, train, activations, thresholds, seeds = 5, epochs = 10, signal } = options;
  checkOptions(options, seeds);
  const settings = activations.flatMap((activation) => thresholds.map((threshold) => ({ activation, threshold })));
  const runs = new Map<Setting, ComparedRun[]>(settings.map((setting) => [setting, []]));
  const failures: ActivationComparison['failures'][number][] = [];
  const total = settings.length * seeds;
  let done = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    for (const setting of settings) {
      if (signal?.aborted) break;
      const outcome = await runOne(setting, seed, options);
      if ('reason' in outcome) failures.push({ ...setting, seed, reason: outcome.reason });
      else runs.get(setting)?.push(outcome);
      done += 1;
      options.onRun?.({ done, total, setting });
    }
  }
  const compared = summarize(runs);
  return {
    schema: 'rheobase/compare-activations@1',
    recipe,
    backend: backend.id,
    images: train.images.shape[0],
    epochs,
    seeds,
    settings: compared,
    failures,
    best: settingOf(compared[0]),
    sparsest: settingOf(sparsestOf(compared)),
  };
}

function checkOptions({ recipe, activations, thresholds }: CompareOptions, seeds: number): void {
  recipeOf(recipe);
  if (activations.length === 0) throw badInput('no activation to compare', { remedy: 'name at least one' });
  if (thresholds.length === 0) throw badInput('no threshold to compare', { remedy: 'give at least one' });
  const broken = thresholds.find((threshold) => !Number.isFinite(threshold));
  if (broken !== undefined) throw badInput(`the threshold ${broken} is not a number`);
  if (!Number.isSafeInteger(seeds) || seeds < 1) {
    throw badInput(`${seeds} seeds`, { remedy: 'give a whole number of 1 or more' });
  }
}

async function runOne(
  setting: Setting,
  seed: number,
  { recipe, backend, train, test, epochs, batchSize, session, signal }: CompareOptions,
): Promise<ComparedRun | { readonly reason: string }> {
  const choice = { epochs, batchSize, session, signal };
  const given = Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined));
  try {
    const { log } = await trainRecipe(recipe, { backend, train, test, ...setting, seed, ...given });
    return runOf(log, seed);
  } catch (error) {
    if (error instanceof RheobaseError && error.code === 'failed') return { reason: error.message };
    throw error;
  }
}

function runOf({ test, train, sparsity }: TrainLog, seed: number): ComparedRun {
  const layers = Object.values(sparsity);
  return {
    seed,
    testAccuracy: test.accuracy ?? Number.NaN,
    trainAccuracy: train.accuracy ?? Number.NaN,
    sparsity: layers.reduce((sum, share) => sum + share, 0) / Math.max(layers.length, 1),
    layers: sparsity,
  };
}

function summarize(runs: ReadonlyMap<Setting, readonly ComparedRun[]>): ComparedSetting[] {
  const meanOf = (own: readonly ComparedRun[], of: (run: ComparedRun) => number) => meanInterval(own.map(of));
  const rows = Array.from(runs)
    .filter(([, own]) => own.length > 0)
    .map(([setting, own]) => ({ setting, own, testAccuracy: meanOf(own, (run) => run.testAccuracy) }))
    .sort((a, b) => b.testAccuracy.mean - a.testAccuracy.mean);
  const best = new Map(rows[0]?.own.map(({ seed, testAccuracy }) => [seed, testAccuracy]));
  return rows.map(({ setting, own, testAccuracy }, rank) => ({
    ...setting,
    testAccuracy,
    gap: meanOf(own, (run) => run.trainAccuracy - run.testAccuracy),
    sparsity: meanOf(own, (run) => run.sparsity),
    toBest: rank === 0 ? null : differenceTo(best, own),
    runs: own,
  }));
}

function differenceTo(best: ReadonlyMap<number, number>, own: readonly ComparedRun[]): MeanInterval | null {
  const differences = own.flatMap(({ seed, testAccuracy }) => {
    const other = best.get(seed);
    return other === undefined ? [] : [testAccuracy - other];
  });
  return differences.length === 0 ? null : meanInterval(differences);
}

/** With one seed nothing can be told apart, so that only the best remains. */
function sparsestOf(settings: readonly ComparedSetting[]): ComparedSetting | undefined {
  const equal = settings.filter(({ toBest }, rank) => rank === 0 || (toBest?.ciHigh ?? Number.NEGATIVE_INFINITY) >= 0);
  return equal.reduce<ComparedSetting | undefined>(
    (most, one) => (most === undefined || one.sparsity.mean > most.sparsity.mean ? one : most),
    undefined,
  );
}

function settingOf(setting: Setting | undefined): Setting | null {
  return setting === undefined ? null : { activation: setting.activation, threshold: setting.threshold };
}
