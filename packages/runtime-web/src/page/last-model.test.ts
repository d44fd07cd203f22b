import type { ModelSource } from '@rheobase/runtime';
import type { ResolvedModel } from '@rheobase/runtime/host';
import { expect, it } from 'vitest';
import { keepingLast } from './last-model.js';

function counted(bytes: number) {
  const fetched: string[] = [];
  const resolve = keepingLast(async (source: ModelSource): Promise<ResolvedModel> => {
    fetched.push('path' in source ? source.path : 'bytes');
    return { model: new Uint8Array(bytes) };
  });
  return { fetched, resolve };
}

it('fetches a model once while no other comes between', async () => {
  const { fetched, resolve } = counted(10);
  const first = await resolve({ path: 'a' });
  expect(await resolve({ path: 'a' })).toBe(first);
  for (const path of ['b', 'a', 'a']) await resolve({ path });
  expect(fetched).toEqual(['a', 'b', 'a']);
});

it('keeps the last file also while models come as bytes', async () => {
  const { fetched, resolve } = counted(10);
  await resolve({ path: 'a' });
  await resolve({ bytes: new Uint8Array(3) });
  await resolve({ path: 'a' });
  expect(fetched).toEqual(['a', 'bytes']);
});

it('keeps none that is large', async () => {
  const { fetched, resolve } = counted(65 * 2 ** 20);
  await resolve({ path: 'a' });
  await resolve({ path: 'a' });
  expect(fetched).toEqual(['a', 'a']);
});
