/** A trained network as a model for inference, which says in its metadata how it came to be. */
import type { Model, Sequential } from '@rheobase/exporter';
import type { Dataset } from '../data/index.js';
import type { EpochLog, FitResult } from './events.js';
import type { FitOptions } from './fit.js';

export interface Provenance {
  readonly data: Dataset;
  readonly dataHash: string;
  readonly options: FitOptions;
  readonly parameters: FitResult['parameters'];
  readonly history: readonly EpochLog[];
}

export function trainedModel(
  model: Sequential,
  { data, dataHash, options, parameters, history }: Provenance,
  choice: Parameters<FitResult['toModel']>[0] = {},
): Model {
  const { optimizer, loss, batchSize = 32, seed = 0, recipe, learningRate = 1e-3 } = options;
  const last = history.at(-1);
  return model.toModel({
    ...choice,
    inputShape: data.x.shape,
    seed,
    weights: parameters,
    metadata: {
      ...(recipe === undefined ? {} : { recipe }),
      'training.optimizer': JSON.stringify({ name: optimizer.name, ...optimizer.settings }),
      'training.loss': loss.name,
      'training.batchSize': String(batchSize),
      'training.learningRate': typeof learningRate === 'number' ? String(learningRate) : 'schedule',
      'training.seed': String(seed),
      'training.backend': options.backend.id,
      'training.examples': String(data.count),
      'training.dataSha256': dataHash,
      'training.epochs': String(history.length),
      ...(last === undefined ? {} : { 'training.metrics': JSON.stringify(metricsOf(last)) }),
      ...choice.metadata,
    },
  });
}

function metricsOf({ loss, accuracy, sparsity, validation }: EpochLog) {
  return { loss, accuracy, sparsity, validation };
}
