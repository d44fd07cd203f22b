/** Options that say how something is trained: optimizer, learning rate, regularisation, pruning, a teacher. */
import { badInput } from '@rheobase/exporter/errors';
import { readModelFile } from '@rheobase/exporter/node';
import {
  adam,
  adamW,
  cosine,
  type LearningRate,
  LOSSES,
  type LossName,
  type Optimizer,
  type PruneOptions,
  sgd,
  stepDecay,
  type TrainNetworkOptions,
  warmUp,
} from '@rheobase/trainer';
import { requirePositive } from './numbers.js';

export interface TrainingArguments {
  epochs: number;
  batch: number;
  'learning-rate'?: number;
  optimizer: 'adam' | 'adamw' | 'sgd';
  momentum: number;
  'weight-decay'?: number;
  schedule: 'constant' | 'cosine' | 'step';
  warmup: number;
  'clip-norm'?: number;
  loss: LossName | 'auto';
  'early-stopping'?: number;
  'target-sparsity'?: number;
  teacher?: string;
  temperature: number;
  alpha: number;
  prune?: number;
  rounds: number;
  rewind: number;
  'prune-scope': 'global' | 'layer';
}

/** For yargs’ `options`. */
export const TRAINING_OPTIONS = {
  epochs: { type: 'number', default: 10, describe: 'Passes over the data' },
  batch: { type: 'number', default: 32, describe: 'Examples per step' },
  optimizer: { choices: ['adam', 'adamw', 'sgd'], default: 'adam', describe: 'How weights move' },
  'learning-rate': { type: 'number', describe: 'Default 0.001, of sgd 0.01' },
  momentum: { type: 'number', default: 0.9, describe: 'Of sgd' },
  'weight-decay': { type: 'number', describe: 'Of sgd and adamw; default 0, of adamw 0.01' },
  schedule: {
    choices: ['constant', 'cosine', 'step'],
    default: 'constant',
    describe: 'The learning rate over the training: cosine down to 0, or a tenth after each third of it',
  },
  warmup: { type: 'number', default: 0, describe: 'Steps over which the learning rate rises at first' },
  'clip-norm': { type: 'number', describe: 'Greatest norm of the gradient' },
  loss: {
    choices: ['auto', ...Object.keys(LOSSES)] as (LossName | 'auto')[],
    default: 'auto',
    describe: 'What is minimised; by default what goes with output and targets',
  },
  'early-stopping': {
    type: 'number',
    describe: 'End after so many epochs without a better loss on a tenth of the training data, which is held out',
  },
  'target-sparsity': {
    type: 'number',
    describe: 'Share of silent neurons, 0 to 1, that every threshold layer is pulled to; moves learnt thresholds too',
  },
  teacher: { type: 'string', describe: 'An ONNX model to learn from beside the targets (distillation)' },
  temperature: { type: 'number', default: 4, describe: 'Of the teacher’s and the student’s probabilities' },
  alpha: { type: 'number', default: 0.5, describe: 'Share of the loss against targets, beside the teacher' },
  prune: {
    type: 'number',
    describe: 'Share of weights that are zero in the end, e.g. 0.8: train, prune, rewind, train',
  },
  rounds: { type: 'number', default: 1, describe: 'Rounds of pruning, each a training' },
  rewind: { type: 'number', default: 0, describe: 'The step whose weights are gone back to after pruning' },
  'prune-scope': {
    choices: ['global', 'layer'],
    default: 'global',
    describe: 'The smallest of all weights, or of each layer',
  },
} as const;

type Settings = Pick<
  TrainNetworkOptions,
  | 'epochs'
  | 'batchSize'
  | 'optimizer'
  | 'learningRate'
  | 'clipNorm'
  | 'loss'
  | 'earlyStopping'
  | 'sparsity'
  | 'distillation'
  | 'prune'
>;

/**
 * What the options say, for `examples` training examples.
 * @throws RheobaseError `bad-input` for numbers that make no sense, and a teacher that cannot be read.
 */
export async function trainingSettings(args: TrainingArguments, examples: number): Promise<Settings> {
  for (const option of ['epochs', 'batch', 'rounds', 'temperature'] as const) requirePositive(option, args[option]);
  for (const option of ['learning-rate', 'clip-norm', 'early-stopping', 'prune'] as const) {
    const value = args[option];
    if (value !== undefined) requirePositive(option, value);
  }
  const steps = args.epochs * Math.ceil(examples / args.batch);
  const distillation =
    args.teacher === undefined
      ? undefined
      : {
          teacher: await readModelFile(args.teacher),
          temperature: args.temperature,
          alpha: args.alpha,
          name: args.teacher,
        };
  return {
    epochs: args.epochs,
    batchSize: args.batch,
    optimizer: optimizerOf(args),
    learningRate: learningRateOf(args, steps),
    loss: args.loss,
    ...(args['clip-norm'] === undefined ? {} : { clipNorm: args['clip-norm'] }),
    ...(args['early-stopping'] === undefined ? {} : { earlyStopping: { patience: args['early-stopping'] } }),
    ...sparsityOf(args['target-sparsity']),
    ...(distillation === undefined ? {} : { distillation }),
    ...(args.prune === undefined ? {} : { prune: pruneOf(args, args.prune) }),
  };
}

function sparsityOf(target: number | undefined): Pick<Settings, 'sparsity'> {
  if (target === undefined) return {};
  if (!(target > 0 && target < 1)) {
    throw badInput(`takes a share between 0 and 1, got ${target}`, { where: '--target-sparsity' });
  }
  return { sparsity: { target: { sparsity: target } } };
}

function optimizerOf({ optimizer, momentum, 'weight-decay': decay }: TrainingArguments): Optimizer {
  const weightDecay = decay === undefined ? {} : { weightDecay: decay };
  if (decay !== undefined && !(decay >= 0))
    throw badInput(`takes a number of 0 or more, got ${decay}`, { where: '--weight-decay' });
  if (optimizer === 'sgd') {
    if (!(momentum >= 0 && momentum < 1))
      throw badInput(`${momentum} is none from 0 to below 1`, { where: '--momentum' });
    return sgd({ momentum, ...weightDecay });
  }
  if (optimizer === 'adamw') return adamW(weightDecay);
  if (decay !== undefined) {
    throw badInput('adam has no weight decay of its own', {
      where: '--weight-decay',
      remedy: 'choose --optimizer adamw',
    });
  }
  return adam();
}

function learningRateOf(args: TrainingArguments, steps: number): LearningRate {
  const rate = args['learning-rate'] ?? (args.optimizer === 'sgd' ? 0.01 : 0.001);
  if (!(args.warmup >= 0)) throw badInput(`takes a number of steps, got ${args.warmup}`, { where: '--warmup' });
  const rest = Math.max(steps - args.warmup, 1);
  const after = {
    constant: rate,
    cosine: cosine({ rate, steps: rest }),
    step: stepDecay({ rate, every: Math.ceil(rest / 3), factor: 0.1 }),
  }[args.schedule];
  return args.warmup === 0 ? after : warmUp(args.warmup, after);
}

function pruneOf({ rounds, rewind, 'prune-scope': scope }: TrainingArguments, share: number): PruneOptions {
  const onRound: PruneOptions['onRound'] = (round) => {
    const what = `${(round.share * 100).toFixed(1)} % zeros (round ${round.round} of ${round.rounds})`;
    process.stderr.write(round.resumed ? `resumed with ${what}\n` : `pruned to ${what}, training again\n`);
  };
  return { share, rounds, rewind, scope, onRound };
}
