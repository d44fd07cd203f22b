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
import { magnitudeMasks, masked, type Weights } from './masks.js';
import { type Round, roundStore, savedRound } from './saved-round.js';

export interface PruneOptions {
  /** Share of weights that are zero in the end. */
  readonly share: number;
  /** In how many rounds; each keeps the same share of what is left. Default 1. */
  readonly rounds?: number;
  /** The step whose weights the survivors go back to; 0 is the beginning. Default 0. */
  readonly rewind?: number;
  /** Default `global`. */
  readonly scope?: 'global' | 'layer';
  /** Before every round, and where a checkpoint is gone on from in the middle of one. */
  readonly onRound?: (round: PruningRound) => void;
}

export interface PruningRound {
  readonly round: number;
  readonly rounds: number;
  /** Of weights that are zero in it. */
  readonly share: number;
  readonly resumed: boolean;
}

/**
 * `rounds` + 1 trainings of `options.epochs` each; the result is that of the last one, its masked weights exactly zero.
 * Optimizer state and order of examples begin anew in every training. With a checkpoint it is resumed in the round and
 * at the step where it stopped.
 * @throws RheobaseError `bad-input` for shares and counts that make no sense, a checkpoint that does not fit, and as
 *   `fit`.
 */
export async function prune(
  model: Sequential,
  data: Dataset,
  options: FitOptions,
  pruning: PruneOptions,
): Promise<FitResult> {
  checkPruning(pruning);
  const { share, rounds = 1, rewind = 0, scope = 'global', onRound } = pruning;
  const { checkpoint } = options;
  const network = model.build({ inputShape: data.x.shape });
  const settings = { share, rounds, rewind, scope };
  const silentAfter = (round: number) => 1 - (1 - share) ** (round / rounds);
  const train = (of: Round | undefined): Promise<FitResult> => {
    if (of === undefined) return fit(model, data, options);
    const { masks, start } = of;
    const store = checkpoint && { ...checkpoint, store: roundStore(checkpoint.store, network, settings, of) };
    const kept = { ...options, initial: masked(start, masks), masks };
    return fit(model, data, store === undefined ? kept : { ...kept, checkpoint: store });
  };

  let at = checkpoint && (await savedRound(checkpoint.store, network, settings));
  if (at !== undefined) onRound?.({ round: at.round, rounds, share: silentAfter(at.round), resumed: true });
  let result = await train(at);
  for (let round = (at?.round ?? 0) + 1; round <= rounds && result.ended !== 'aborted'; round += 1) {
    const start: Weights | undefined = at?.start ?? (await weightsAt(rewind, model, data, options));
    if (start === undefined) return { ...result, ended: 'aborted' };
    at = { round, start, masks: magnitudeMasks(result.parameters, silentAfter(round), scope, at?.masks) };
    onRound?.({ round, rounds, share: silentAfter(round), resumed: false });
    result = await train(at);
  }
  return result;
}

function checkPruning({ share, rounds = 1, rewind = 0 }: PruneOptions): void {
  if (!(share > 0 && share < 1))
    throw badInput(`a share of ${share} to prune`, { remedy: 'choose one between 0 and 1' });
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw badInput(`${rounds} rounds of pruning`, { remedy: 'give 1 or more' });
  if (!Number.isSafeInteger(rewind) || rewind < 0)
    throw badInput(`rewinding to step ${rewind}`, { remedy: 'give 0 or more' });
}

/** The weights of an early step; undefined where the signal came before it. */
async function weightsAt(
  step: number,
  model: Sequential,
  data: Dataset,
  options: FitOptions,
): Promise<Weights | undefined> {
  if (step === 0) return firstWeights(model, data, options);
  const { onEvent: _, earlyStopping: __, validation: ___, checkpoint: ____, ...quiet } = options;
  const { parameters, ended } = await fit(model, data, { ...quiet, maxSteps: step });
  return ended === 'aborted' ? undefined : parameters;
}

function firstWeights(model: Sequential, { x }: Dataset, { initial, seed = 0 }: FitOptions): Weights {
  const { parameters } = model.build({ inputShape: x.shape });
  const first = parameters.filter(({ trainable }) => trainable);
  return Object.fromEntries(first.map((one) => [one.name, initial?.[one.name] ?? one.initial(seed)])) as Weights;
}
