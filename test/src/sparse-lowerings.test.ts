/** Every lowering of a thresholded network on every backend: the same numbers, the same masks, and known places on a GPU. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, constant, input, op, random, type Tensor, thresholdActivation } from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { VerifyReport } from '@rheobase/harness';
import { type LoweringKind, lowerProducts, type ProductLowering } from '@rheobase/sparsifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIVE_BACKENDS, reasonToSkip } from './backends.js';
import { rheobase, scratchFolder } from './command.js';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const WIDTH = 192;
const LOWERINGS: Readonly<Record<LoweringKind, ProductLowering>> = {
  dense: { kind: 'dense' },
  gather: { kind: 'gather' },
  chunked: { kind: 'chunked', chunkRows: 4, gatherBelow: 8 },
  topk: { kind: 'topk', k: 48 },
  adaptive: { kind: 'adaptive', crossover: 96, chunkRows: 4, gatherBelow: 8 },
  mixture: { kind: 'mixture', blockSize: 4, k: WIDTH / 8 },
  topkApproximate: { kind: 'topkApproximate', k: WIDTH },
  mixtureApproximate: { kind: 'mixtureApproximate', blockSize: 4, k: WIDTH / 4 },
};
const KINDS = Object.keys(LOWERINGS) as LoweringKind[];

/** 32 → 192, a threshold that about one neuron in ten passes, and a product for every lowering, each an output. */
function network() {
  const draw = random(2, 'sparse lowerings');
  const weight = (...shape: number[]) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const data = Float32Array.from({ length: size }, () => (draw.uniform() - 0.5) / Math.sqrt(shape[0] ?? 1));
    const tensor: Tensor<'float32'> = { dtype: 'float32', shape, data };
    return constant(tensor);
  };
  const x = input('x', 'float32', [1, 32]);
  const linear = op.gemm(x, weight(32, WIDTH), weight(WIDTH));
  const hidden = thresholdActivation(linear, { threshold: 0.2, activation: 'relu' });
  const outputs = KINDS.map((kind) => [kind, op.gemm(hidden, weight(WIDTH, 24), weight(24))] as const);
  const model = buildModel({ inputs: [x], outputs: Object.fromEntries(outputs) });
  return lowerProducts(model, LOWERINGS);
}

const missing = (await Promise.all(FIVE_BACKENDS.map(reasonToSkip))).filter((reason) => reason !== null);

describe.skipIf(missing.length > 0)(missing.length === 0 ? 'verify' : `skipped: ${missing.join('; ')}`, () => {
  let report: VerifyReport;

  beforeAll(async () => {
    const path = join(folder, 'lowerings.onnx');
    await writeModelFile(path, network());
    const json = join(folder, 'report.json');
    const { stderr } = await rheobase(['verify', path, '--json', json, '--runs', '1', '--cases', '2']);
    if (!existsSync(json)) throw new Error(stderr);
    report = JSON.parse(readFileSync(json, 'utf8')) as VerifyReport;
  }, 240_000);

  it.each(KINDS)('%s: the five backends agree, and no mask flips without a reason', (kind) => {
    const own = report.comparisons.filter(({ output }) => output === kind);
    expect(own.map(({ backend }) => backend)).toEqual(
      expect.arrayContaining(FIVE_BACKENDS.filter((id) => id !== 'node/cpu')),
    );
    expect(own.filter(({ verdict }) => verdict !== 'agree')).toEqual([]);
    for (const { maskFlips } of own) expect(maskFlips?.unexplained ?? 0).toBe(0);
  });

  it('keeps topk on the GPU, where Compress goes to the CPU', () => {
    for (const id of ['node/webgpu', 'chromium/webgpu']) {
      const placement = report.backends.find((backend) => backend.id === id)?.placement ?? [];
      const placesOf = (opType: string) =>
        new Set(placement.filter((node) => node.opType === opType).map(({ provider }) => provider));
      expect([id, 'TopK', ...placesOf('TopK')]).toEqual([id, 'TopK', 'WebGpuExecutionProvider']);
      expect([id, 'Compress', ...placesOf('Compress')]).toEqual([id, 'Compress', 'CPUExecutionProvider']);
    }
  });
});
