/** How many samples get the class that their label says, read off a model's output. */
import { badInput } from '@rheobase/exporter/errors';

export type Labels = ArrayLike<number | bigint>;

/** What a run gave for some samples in a row. */
export interface OutputBatch {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Share of samples whose largest output is the labelled one. With one output a sample, class 1 is what lies above 1/2 where all
 * outputs are probabilities, and above 0 where they are not.
 * @throws RheobaseError `bad-input` where the output has no scores by class, or a label no class.
 */
export function accuracyOf(batches: readonly OutputBatch[], labels: Labels): number {
  const classes = classesOf(batches, labels.length);
  checkLabels(labels, Math.max(2, classes));
  const isProbability = batches.every(({ values }) => values.every((value) => value >= 0 && value <= 1));
  const decide = classes === 1 ? above(isProbability ? 0.5 : 0) : argmax;
  let sample = 0;
  let right = 0;
  for (const { values } of batches) {
    for (let start = 0; start < values.length; start += classes, sample += 1) {
      if (decide(values, start, start + classes) === Number(labels[sample])) right += 1;
    }
  }
  return right / labels.length;
}

function classesOf(batches: readonly OutputBatch[], samples: number): number {
  const [first] = batches;
  const elements = batches.reduce((sum, { values }) => sum + values.length, 0);
  const axes = first?.shape.slice(1).filter((extent) => extent !== 1).length ?? 0;
  if (axes <= 1 && elements >= samples && elements % samples === 0) return elements / samples;
  throw badInput(`accuracy needs one row of scores for each sample, the output is [${first?.shape}] for a batch`, {
    remedy: 'leave the labels away, or make the scores the first output',
  });
}

function checkLabels(labels: Labels, classes: number): void {
  for (let sample = 0; sample < labels.length; sample += 1) {
    const label = Number(labels[sample]);
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw badInput(`the label ${label} of sample ${sample} is no class of 0 to ${classes - 1}`);
  }
}

function argmax(values: Float32Array, start: number, end: number): number {
  let best = start;
  for (let index = start + 1; index < end; index += 1) {
    if ((values[index] as number) > (values[best] as number)) best = index;
  }
  return best - start;
}

function above(limit: number): (values: Float32Array, at: number) => number {
  return (values, at) => ((values[at] as number) > limit ? 1 : 0);
}
