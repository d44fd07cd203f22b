import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { feedsOf, LIGHT_CASES, ONNX_CASES } from '../../test/onnx-cases.js';
import { OrtProcess, outputsText } from '../../test/ort-process.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';

const ort = new OrtProcess();
afterAll(() => ort.close());

describe.skipIf(ONNX_CASES.length === 0)('the models of the ONNX project, on ONNX Runtime', () => {
  it('written again, are the same bytes or run with the same outputs', { timeout: 300_000 }, async () => {
    const changed: string[] = [];
    const unequal: string[] = [];
    for (const one of ONNX_CASES) {
      const bytes = new Uint8Array(readFileSync(one.path));
      const model = decodeModel(bytes);
      const again = encodeModel(model);
      if (Buffer.compare(bytes, again) === 0) continue;
      changed.push(one.name);
      const feeds = feedsOf(one, model);
      const original = outputsText(await ort.run(bytes, feeds));
      if (outputsText(await ort.run(again, feeds)) !== original) unequal.push(one.name);
    }
    expect(changed).toEqual(expect.arrayContaining(LIGHT_CASES.map(({ name }) => name)));
    expect(unequal).toEqual([]);
  });
});
