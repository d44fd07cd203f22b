import { constant, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { definitionError } from '../../../test/definition-check.js';
import { gradientError } from '../../../test/gradient-check.js';

const labels = (shape: readonly number[]) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return constant({ dtype: 'int64', shape, data: BigInt64Array.from({ length: count }, (_, at) => BigInt(at % 3)) });
};

describe.each(['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'])('%s', (name) => {
  it.each(['mean', 'sum', 'none'])('reduction %s', async (reduction) => {
    for (const options of [{}, { ignore_index: 1 }]) {
      for (const shape of [
        [4, 3],
        [2, 3, 2],
      ]) {
        const target = labels(shape.filter((_, axis) => axis !== 1));
        const build = (x: Value) => apply(name, [x, target], { reduction, ...options });
        expect(await definitionError({ shapes: [shape], build })).toBeLessThan(1e-5);
        expect(await gradientError({ shapes: [shape], build })).toBeLessThan(1e-6);
      }
    }
  });

  it('with a weight for each class', async () => {
    const build = (x: Value, weights: Value) => apply(name, [x, labels([4]), weights], {});
    const sample = (random: () => number) => 0.2 + random();
    expect(await definitionError({ shapes: [[4, 3], [3]], build, sample })).toBeLessThan(1e-5);
    expect(await gradientError({ shapes: [[4, 3], [3]], build, sample })).toBeLessThan(1e-6);
  });
});
