import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectSameOutputs } from '../../test/compare-runs.js';
import { feedsOf, ONNX_CASES } from '../../test/onnx-cases.js';
import { checkModel } from '../check/check-model.js';
import { decodeModel } from '../codec/decode.js';
import type { Model } from '../model/model.js';
import { applyRules } from './apply-rules.js';
import { activationsToNames, cleanup, thresholdsToWhere } from './rules/index.js';

const RULES = [...activationsToNames, ...thresholdsToWhere, ...cleanup];

describe.skipIf(ONNX_CASES.length === 0)('the ONNX project’s own models, rewritten by all rules', () => {
  const rewritten = ONNX_CASES.flatMap((onnxCase) => {
    const before = decodeModel(readFileSync(onnxCase.path));
    const { model, applied } = applyRules(before, RULES);
    return applied.length === 0 ? [] : [{ ...onnxCase, before, model, applied: applied.map(({ rule }) => rule) }];
  });

  it('stay sound, and keep the names of their inputs and outputs', () => {
    expect(rewritten.length).toBeGreaterThan(5);
    for (const { name, before, model } of rewritten) {
      expect([name, errors(model)]).toEqual([name, []]);
      expect([name, interfaceOf(model)]).toEqual([name, interfaceOf(before)]);
    }
  });

  // One run of VGG-19 is 20 billion multiplications: the two others show the same.
  it.each(rewritten.filter(({ name }) => name !== 'light_vgg19'))(
    '$name ($applied)',
    async ({ name, path, before, model }) => {
      const feeds = feedsOf({ name, path }, before);
      if (feeds === null) throw new Error('its inputs cannot be fed');
      await expectSameOutputs(before, model, feeds, { absolute: 1e-5, relative: 1e-4, except: null });
    },
  );
});

function errors(model: Model) {
  return checkModel(model).filter(({ severity }) => severity === 'error');
}

function interfaceOf({ graph }: Model): readonly string[] {
  return [...graph.inputs, ...graph.outputs].map(({ name }) => name);
}
