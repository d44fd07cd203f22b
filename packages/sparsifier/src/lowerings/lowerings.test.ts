import { encodeModel, type Model } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  denseModel,
  feedsOf,
  PRODUCT,
  type ProductCase,
  productCase,
  SPELLINGS,
  STORAGES,
} from '../fixtures/product-cases.js';
import { blockSizeFor, findProducts, lowerProducts, type ProductLowering } from './index.js';

const backends = ['node/cpu', 'node/wasm'].map((id) => nodeBackend(id, { isolation: 'none' }));
afterAll(() => Promise.all(backends.map((backend) => backend.close())));

/** Small chunks, so that small matrices walk over several. */
const SIZES = { chunkRows: 3, gatherBelow: 5 };

/** Lowerings for a number of neurons, those included whose limits lie in the middle of what fires. */
const LOWERINGS: Readonly<Record<string, (inner: number) => ProductLowering>> = {
  gather: () => ({ kind: 'gather' }),
  'gather by the mask': () => ({ kind: 'gather', by: 'mask' }),
  chunked: () => ({ kind: 'chunked', ...SIZES }),
  'chunked with the sizes by default': () => ({ kind: 'chunked' }),
  'topk of half the neurons': (inner) => ({ kind: 'topk', k: Math.ceil(inner / 2) }),
  'topk of all neurons': (inner) => ({ kind: 'topk', k: inner }),
  'adaptive, crossing in the middle': (inner) => ({ kind: 'adaptive', crossover: Math.ceil(inner / 2), ...SIZES }),
  'adaptive, always sparse': (inner) => ({ kind: 'adaptive', crossover: inner + 1, ...SIZES }),
  'mixture of half the blocks': (inner) => ({ kind: 'mixture', ...blocksFor(inner, 1 / 2) }),
  'mixtureApproximate of all blocks': (inner) => ({ kind: 'mixtureApproximate', ...blocksFor(inner, 1) }),
  'topkApproximate where not more fire': (inner) => ({ kind: 'topkApproximate', k: inner }),
};

/** Blocks of about four neurons, and a share of them. */
function blocksFor(inner: number, share: number) {
  const blockSize = blockSizeFor(inner, 4);
  return { blockSize, k: Math.ceil((inner / blockSize) * share) };
}

describe.each(backends)('on $id', (backend) => {
  it.each(Object.entries(LOWERINGS))('%s computes what dense computes', async (_, lowering) => {
    await fc.assert(
      fc.asyncProperty(productCase, async (given) => {
        await expectSame(backend, given, lowering(given.inner));
      }),
      { numRuns: backend.id === 'node/cpu' ? 60 : 25, seed: 6 },
    );
  });
});

async function expectSame(backend: Backend, given: ProductCase, lowering: ProductLowering): Promise<void> {
  const dense = denseModel(given);
  const sparse = lowerProducts(dense, { [PRODUCT]: lowering });
  const feeds = feedsOf(given);
  // With all optimizations ONNX Runtime computes products of 8-bit weights in 8 bits: nobody's reference.
  const options: SessionOptions = {
    threads: 1,
    ...(given.storage.includes('int8') ? { optimization: 'disabled' } : {}),
  };
  const [expected, actual] = [await run(backend, dense, feeds, options), await run(backend, sparse, feeds, options)];
  expect(actual.shape).toEqual(expected.shape);
  const wrong = firstDifference(expected, actual, tolerance(given));
  expect(wrong).toBeUndefined();
}

async function run(
  backend: Backend,
  model: Model,
  feeds: Record<string, Tensor>,
  options: SessionOptions = { threads: 1 },
): Promise<Tensor<'float32'>> {
  const session = await backend.open({ bytes: encodeModel(model) }, options);
  try {
    const { outputs } = await session.run(feeds);
    return outputs.y as Tensor<'float32'>;
  } finally {
    await session.close();
  }
}

/**
 * Two orders of summing n products differ by at most 2·n·u·Σ|aᵢ·bᵢ| (Higham, "Accuracy and Stability of Numerical
 * Algorithms", 2nd ed., eq. 3.5). Weights are below 1/2, activations below 1.3 unless special, the projection of a gated
 * unit below 3.
 */
function tolerance({ inner, specials, spelling }: ProductCase): number {
  const finite = specials.filter(Number.isFinite).map(Math.abs);
  const largest = Math.max(1.3, ...finite) * (spelling.startsWith('gated') ? 3 : 1);
  return 2 * (inner + 8) * 2 ** -24 * (inner * largest + 1);
}

function firstDifference(expected: Tensor<'float32'>, actual: Tensor<'float32'>, bound: number) {
  for (const [index, want] of expected.data.entries()) {
    const got = actual.data[index] ?? Number.NaN;
    if (Object.is(want, got) || Math.abs(want - got) <= bound) continue;
    return { index, want, got };
  }
  return undefined;
}

describe('special values', () => {
  const cpu = backends[0] as Backend;
  const base: ProductCase = {
    spelling: 'MatMul',
    storage: 'plain',
    inner: 12,
    outer: 4,
    batch: 1,
    length: 1,
    isBatchKnown: true,
    isOpset17: false,
    density: 0.3,
    perChannel: false,
    specials: [],
    seed: 1,
  };

  it.each(SPELLINGS)('%s: no neuron fires', async (spelling) => {
    for (const lowering of Object.values(LOWERINGS))
      await expectSame(cpu, { ...base, spelling, density: 0 }, lowering(12));
  });

  it.each(SPELLINGS)('%s: all neurons fire', async (spelling) => {
    for (const lowering of Object.values(LOWERINGS))
      await expectSame(cpu, { ...base, spelling, density: 1 }, lowering(12));
  });

  it.each(STORAGES)('weights stored as %s, read row by row', async (storage) => {
    for (const spelling of ['MatMul', 'Gemm with transB'] as const) {
      const given = { ...base, storage, spelling, inner: 24, batch: 2 };
      for (const lowering of Object.values(LOWERINGS)) await expectSame(cpu, given, lowering(24));
      expect(findProducts(denseModel(given)).map(({ node }) => node)).toEqual([PRODUCT]);
    }
  });

  it.each([
    ['topkApproximate', 'topk', { k: 3 }],
    ['mixtureApproximate', 'mixture', { k: 2, blockSize: 3 }],
  ] as const)('%s drops what is smaller, as its name says, %s does not', async (name, exactName, limits) => {
    const given = { ...base, density: 1 };
    const dense = denseModel(given);
    const feeds = feedsOf(given);
    const approximate = lowerProducts(dense, { [PRODUCT]: { kind: name, ...limits } as ProductLowering });
    const exact = lowerProducts(dense, { [PRODUCT]: { kind: exactName, ...limits } as ProductLowering });
    const expected = await run(cpu, dense, feeds);
    expect(firstDifference(expected, await run(cpu, approximate, feeds), tolerance(given))).toBeDefined();
    expect(firstDifference(expected, await run(cpu, exact, feeds), tolerance(given))).toBeUndefined();
  });

  it('mixture refuses blocks that do not divide the neurons, and names a size that does', () => {
    const lowering = { kind: 'mixture', blockSize: 5, k: 1 } as const;
    expect(() => lowerProducts(denseModel(base), { [PRODUCT]: lowering })).toThrow(
      /12 neurons do not divide into blocks of 5.*such as [46]/,
    );
  });
});
