import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ONNX_CASES } from '../../test/onnx-cases.js';
import { decodeModel } from '../codec/decode.js';
import { checkModel } from './check-model.js';

describe.skipIf(ONNX_CASES.length === 0)('the ONNX project’s own models', () => {
  it('have no errors', () => {
    expect(ONNX_CASES.length).toBeGreaterThan(700);
    const found = ONNX_CASES.flatMap(({ name, path }) =>
      checkModel(decodeModel(readFileSync(path)))
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, node, message }) => `${name}: ${rule}: ${node}: ${message}`),
    );
    expect(found).toEqual([]);
  });
});
