/**
 * Iterative magnitude pruning with rewinding: train, silence the smallest weights, set the others back to what they
 * were at an early step, and train again, until few enough are left. The network that remains is the lottery ticket.
 *
 * Source: Frankle and Carbin, The Lottery Ticket Hypothesis (arXiv 1803.03635); Frankle et al., Linear Mode
 * Connectivity and the Lottery Ticket Hypothesis (arXiv 1912.05671), for rewinding to a step after the first.
 */
import { badInput, type Sequential } from '@rheobase/exporter';
import type { Dataset } from '../data/index.js';
import { type FitOptions, type FitResult, fit } from '../fit/index.js';
import { type Masks, magnitudeMasks, masked, type Weights } from './masks.js';

export interface PruneOptions {
  /** Share of weights that are zero in the end. */
  readonly share: number;
  /** In how many rounds; each keeps the same share of what is left. Default 1. */
  readonly rounds?: number;
  /** The step whose weights the survivors go back to; 0 is the beginning. Default 0. */
  readonly rewind?: number;
  /** Default `global`. */
  readonly scope?: 'global' | 'layer';
  readonly onRound?: (round: { readonly round: number; readonly rounds: number; readonly share: number }) => void;
}

/**
 * `rounds` + 1 trainings of `options.epochs` each; the result is that of the last one, its masked weights exactly zero.
 * Optimizer state and order of examples begin anew in every training.
 * @throws RheobaseError `bad-input` for shares and counts that make no sense, with a checkpoint, and as `fit`.
 */
export async function prune(
  model: Sequential,
  data: Dataset,
  options: FitOptions,
  { share, rounds = 1, rewind = 0, scope = 'global', onRound }: PruneOptions,
): Promise<FitResult> {
  if (!(share > 0 && share < 1))
    throw badInput(`a share of ${share} to prune`, { remedy: 'choose one between 0 and 1' });
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw badInput(`${rounds} rounds of pruning`, { remedy: 'give 1 or more' });
  if (!Number.isSafeInteger(rewind) || rewind < 0)
    throw badInput(`rewinding to step ${rewind}`, { remedy: 'give 0 or more' });
  if (options.checkpoint !== undefined)
    throw badInput('pruning takes no checkpoint', { remedy: 'leave one of both out' });
  let result = await fit(model, data, options);
  const early = rewind === 0 ? undefined : (await fit(model, data, { ...quiet(options), maxSteps: rewind })).parameters;
  const start = early ?? firstWeights(model, data, options);
  let masks: Masks | undefined;
  for (let round = 1; round <= rounds && result.ended !== 'aborted'; round += 1) {
    const silent = 1 - (1 - share) ** (round / rounds);
    masks = magnitudeMasks(result.parameters, silent, scope, masks);
    onRound?.({ round, rounds, share: silent });
    result = await fit(model, data, { ...options, initial: masked(start, masks), masks });
  }
  return result;
}

function quiet({ onEvent: _, earlyStopping: __, validation: ___, ...options }: FitOptions): FitOptions {
  return options;
}

function firstWeights(model: Sequential, { x }: Dataset, { initial, seed = 0 }: FitOptions): Weights {
  const { parameters } = model.build({ inputShape: x.shape });
  const first = parameters.filter(({ trainable }) => trainable);
  return Object.fromEntries(first.map((one) => [one.name, initial?.[one.name] ?? one.initial(seed)])) as Weights;
}
