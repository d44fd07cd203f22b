/** Parts of a data set: chosen examples, and a division into training and test by a seeded draw. */
import { badInput, random } from '@rheobase/exporter';
import { type Dataset, hashOf } from './dataset.js';

/** The examples `indices` of a data set, in that order; nothing is copied. */
export function subset(data: Dataset, indices: Uint32Array): Dataset {
  const outside = indices.find((index) => index >= data.count);
  if (outside !== undefined) throw badInput(`example ${outside} of a data set of ${data.count}`);
  if (indices.length === 0) throw badInput('the data set is empty');
  let scratch = new Uint32Array(0);
  return {
    ...data,
    count: indices.length,
    read(chosen, x, y) {
      if (scratch.length < chosen.length) scratch = new Uint32Array(chosen.length);
      const mapped = scratch.subarray(0, chosen.length);
      for (let at = 0; at < chosen.length; at += 1) mapped[at] = indices[chosen[at]];
      data.read(mapped, x, y);
    },
    numberOf: (example) => data.numberOf?.(indices[example]) ?? indices[example],
    async hash() {
      return hashOf([new TextEncoder().encode(await data.hash()), indices]);
    },
  };
}

export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Divides a data set: `share` of its examples, drawn by the seed alone, are for testing, at least one; the order of the
 * rest is kept.
 * @throws RheobaseError `bad-input` where the share is not between 0 and 1, or leaves nothing to train on.
 */
export function splitDataset(data: Dataset, share: number, seed = 0): Split {
  if (!(share > 0 && share < 1)) throw badInput(`a test share of ${share}`, { remedy: 'choose one between 0 and 1' });
  const tested = Math.max(1, Math.round(data.count * share));
  if (tested >= data.count) {
    throw badInput(`${data.count} examples leave nothing to train on beside a test share of ${share}`, {
      remedy: 'give more examples or a smaller share',
    });
  }
  const isTest = new Uint8Array(data.count);
  const { uint32 } = random(seed, 'split');
  // Selection sampling (Knuth, The Art of Computer Programming 2, algorithm S): one pass, order kept.
  for (let index = 0, left = tested; left > 0; index += 1) {
    if ((uint32() / 2 ** 32) * (data.count - index) < left) {
      isTest[index] = 1;
      left -= 1;
    }
  }
  const all = Uint32Array.from({ length: data.count }, (_, index) => index);
  return {
    train: subset(
      data,
      all.filter((index) => isTest[index] === 0),
    ),
    test: subset(
      data,
      all.filter((index) => isTest[index] === 1),
    ),
  };
}
