import type { Model } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../fixtures/models.js';
import type { Case, CaseSource, Dims } from './case.js';
import { fittedCases } from './fitted-cases.js';
import { seededCases } from './seeded-cases.js';

const speech = modelOf({ inputs: { x: ['float32', [null, 'samples']], state: ['float32', [2, null]] } });
const draw = (model: Model, dims: Dims) => seededCases(model, { dims });

async function firstOf(source: CaseSource, accepts?: (feeds: Feeds) => Promise<boolean>): Promise<Case> {
  for await (const one of source(speech, accepts)) return one;
  throw new Error('no case was drawn');
}

/** Accepts feeds by their shapes, and counts how often it was asked. */
function acceptor(fits: (x: readonly number[], state: readonly number[]) => boolean) {
  const asked = { times: 0 };
  const accepts = async ({ x, state }: Feeds): Promise<boolean> => {
    asked.times += 1;
    return fits(x?.shape ?? [], state?.shape ?? []);
  };
  return { asked, accepts };
}

describe('fitted cases', () => {
  it('keep extents of 1 where the model accepts them', async () => {
    const { accepts, asked } = acceptor(() => true);
    const one = await firstOf(fittedCases({}, draw), accepts);
    expect(one.name).toBe('random0');
    expect(one.feeds.x?.shape).toEqual([1, 1]);
    expect(asked.times).toBe(1);
  });

  it('find the one dimension that must be longer, and name it', async () => {
    const { accepts } = acceptor(([batch, samples], [, lanes]) => batch === 1 && lanes === 1 && samples >= 256);
    const one = await firstOf(fittedCases({}, draw), accepts);
    expect(one.name).toBe('random0 samples=256');
    expect(one.feeds.x?.shape).toEqual([1, 256]);
  });

  it('find two dimensions that must be longer together', async () => {
    const { accepts } = acceptor(([batch, samples], [, lanes]) => batch === lanes && batch > 1 && samples === 1);
    const one = await firstOf(fittedCases({}, draw), accepts);
    expect(one.name).toBe('random0 state[1]=2 x[0]=2');
  });

  it('leave what was given as it is', async () => {
    const { accepts } = acceptor(([, samples]) => samples === 7);
    const one = await firstOf(fittedCases({ samples: 7 }, draw), accepts);
    expect(one.name).toBe('random0');
    expect(one.feeds.x?.shape).toEqual([1, 7]);
  });

  it('give up with extents of 1 where nothing is accepted, after a bounded number of tries', async () => {
    const { accepts, asked } = acceptor(() => false);
    const one = await firstOf(fittedCases({}, draw), accepts);
    expect(one.feeds.x?.shape).toEqual([1, 1]);
    expect(asked.times).toBeLessThanOrEqual(121);
  });

  it('search once for a model, however often they are drawn', async () => {
    const { accepts, asked } = acceptor(([, samples]) => samples === 2);
    const source = fittedCases({}, draw);
    await firstOf(source, accepts);
    const tries = asked.times;
    expect((await firstOf(source)).name).toBe('random0 samples=2');
    expect(asked.times).toBe(tries);
  });
});
