import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { feedsOf, ONNX_CASES } from '../../test/onnx-cases.js';
import { OrtProcess, type Outcome } from '../../test/ort-process.js';
import { temporaryPath } from '../../test/temporary-path.js';
import { writeModelFile } from '../node/index.js';
import type { Tensor, TypedArray } from '../tensor/index.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';

const ort = new OrtProcess();
afterAll(() => ort.close());

/** Random numbers without a seed, and a kernel that sums in another order as its memory happens to lie. */
const UNSTEADY = /bernoulli|random|dropout|multinomial|batchnorm.*training/;

describe.skipIf(ONNX_CASES.length === 0)('the models of the ONNX project, on ONNX Runtime', () => {
  it('written again, run with the outputs of the original', { timeout: 300_000 }, async () => {
    const counts = { outputs: 0, refused: 0, crashed: 0 };
    const differing: string[] = [];
    for (const one of ONNX_CASES) {
      const bytes = new Uint8Array(readFileSync(one.path));
      const model = decodeModel(bytes);
      const feeds = feedsOf(one, model);
      const original = await ort.run(bytes, feeds);
      counts[original.kind] += 1;
      // What ends the process with the original is not worth a second process.
      if (original.kind === 'crashed') continue;
      const again = await ort.run(encodeModel(model), feeds);
      if (summary(again, one.name) !== summary(original, one.name)) differing.push(one.name);
    }
    expect(differing).toEqual([]);
    expect(counts.outputs).toBeGreaterThan(600);
    expect(counts.crashed).toBeLessThan(20);
  });

  it('with their weights in files beside them, run with the outputs of the original', async () => {
    const weighty = ONNX_CASES.filter(({ path }) => decodeModel(readFileSync(path)).graph.initializers.length > 0);
    expect(weighty.length).toBeGreaterThan(0);
    for (const one of weighty) {
      const model = decodeModel(readFileSync(one.path));
      const path = temporaryPath('model.onnx');
      const files = await writeModelFile(path, model, { externalData: { threshold: 1, shardBytes: 100_000 } });
      expect(files.length).toBeGreaterThan(1);
      const feeds = feedsOf(one, model);
      const outside = await ort.run(path, feeds);
      expect(outside.kind).toBe('outputs');
      expect(summary(outside, one.name)).toBe(summary(await ort.run(encodeModel(model), feeds), one.name));
    }
  });
});

function summary(outcome: Outcome, name: string): string {
  if (outcome.kind !== 'outputs') return JSON.stringify(outcome);
  const outputs = Object.entries(outcome.outputs).map(([key, tensor]) => [
    key,
    tensor.dtype,
    tensor.shape,
    UNSTEADY.test(name) ? '' : contents(tensor),
  ]);
  return JSON.stringify(outputs);
}

function contents({ dtype, data }: Tensor): string {
  if (dtype === 'string') return JSON.stringify(data);
  const { buffer, byteOffset, byteLength } = data as TypedArray;
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
