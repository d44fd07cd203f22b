/** What came of a training, as text: epochs, accuracies, what is silent, what is zero. */
import type { TrainLog } from '@rheobase/trainer';
import { table } from './table.js';

export function trainText(log: TrainLog, ended: string): string {
  const { recipe, backend, epochs, train, test, sparsity, weights, msPerStep } = log;
  const rows = epochs.map(({ epoch, loss, accuracy, seconds }) => [
    String(epoch),
    loss.toFixed(4),
    percent(accuracy),
    seconds.toFixed(1),
  ]);
  const silent = Object.entries(sparsity).map(([layer, share]) => `${layer} ${percent(share)}`);
  const gap = train.accuracy === null || test.accuracy === null ? null : train.accuracy - test.accuracy;
  const tested =
    test.loss === null
      ? `no test data; train accuracy ${percent(train.accuracy)}, loss ${train.loss.toFixed(4)}`
      : `test accuracy ${percent(test.accuracy)}, loss ${test.loss.toFixed(4)}; train accuracy ${percent(train.accuracy)}; gap ${percent(gap)}`;
  return [
    table(['epoch', 'loss', 'accuracy', 's'], rows),
    `${recipe} on ${backend}: ${ended}, ${msPerStep.toFixed(2)} ms a step, loss ${log.loss}`,
    tested,
    `silent: ${silent.join(', ') || 'no threshold layer'}`,
    ...(weights.sparsity < 0.01 ? [] : [`zero weights: ${percent(weights.sparsity)}`]),
    '',
  ].join('\n');
}

function percent(share: number | null): string {
  return share === null ? '—' : `${(share * 100).toFixed(2)} %`;
}
