import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import type { Attribute, Model } from '../model/model.js';
import * as op from '../op/index.js';
import { tensor } from '../tensor/index.js';
import { buildModel } from './build-model.js';
import { input } from './input.js';
import type { Value } from './value.js';

const x = input('x', 'float32', [2, 5]);
const feeds = { x: tensor('float32', [2, 5], Float32Array.of(1, 2, 3, 4, 5, -6, 7, -8, 9, 10)) };

const build = (outputs: readonly Value[], opset: number, ...inputs: Value[]) =>
  buildModel({
    inputs: [x, ...inputs],
    outputs: Object.fromEntries(outputs.map((y, index) => [`y${index}`, y])),
    opset,
  });

const CALLS: readonly [string, () => readonly Value[]][] = [
  ['ReduceMean over axes', () => [op.reduceMean(x, { axes: [1], keepdims: false, noopWithEmptyAxes: false })]],
  ['ReduceMax over all', () => [op.reduceMax(x)]],
  ['ReduceL2 over the last axis', () => [op.reduceL2(x, { axes: [-1] })]],
  ['Split in equal parts', () => op.split(x, { axis: 0, numOutputs: 2 })],
  ['Split in unequal parts', () => op.split(x, { axis: 1, numOutputs: 3 })],
  ['Split by sizes', () => op.split(x, { axis: 1, split: [4, 1] })],
  ['Pad of one axis', () => [op.pad(x, [1, 2], { axes: [-1], constantValue: 0.5 })]],
  ['Reshape with the default said', () => [op.reshape(x, [5, 2], { allowzero: false })]],
  ['Shape from the start', () => [op.cast(op.shape(x, { start: 0 }), 'float32')]],
  ['Cast with the default said', () => [op.cast(x, 'float64', { saturate: true })]],
];

describe('a call says the same in every opset', () => {
  it.each(CALLS)('%s', async (_, call) => {
    const expected = await runOnCpu(build(call(), 21), feeds);
    for (const opset of [13, 14, 17, 18, 20, 22]) {
      expect(await runOnCpu(build(call(), opset), feeds), `opset ${opset}`).toEqual(expected);
    }
  });

  it('GridSample by the names of its time', () => {
    const image = input('image', 'float32', [1, 1, 4, 4]);
    const grid = input('grid', 'float32', [1, 2, 2, 2]);
    const mode = (opset: number, given?: 'cubic') => {
      const y = op.gridSample(image, grid, given === undefined ? {} : { mode: given });
      return textAttribute(buildModel({ inputs: [image, grid], outputs: { y }, opset }), 'mode');
    };
    expect([mode(16), mode(20), mode(16, 'cubic'), mode(22, 'cubic')]).toEqual(['bilinear', '', 'bicubic', 'cubic']);
  });
});

describe('what an opset cannot say is refused, with the one that can', () => {
  const axes = input('axes', 'int64', [1]);
  it.each<[string, () => unknown, string]>([
    [
      'axes computed at run time',
      () => build([op.reduceMean(x, { axes })], 17, axes),
      "before opset 18 'axes' is an attribute, and it is given as a value; make it a constant, or build with opset 18",
    ],
    [
      'an attribute that came later',
      () => build([op.cast(op.shape(x, { start: 1 }), 'float32')], 14),
      "attribute 'start' is not in opset 14; build with opset 15 or later",
    ],
    [
      'axes of Pad that are not fixed',
      () => build([op.pad(x, [1, 2], { axes })], 17, axes),
      'opset 17 takes 3 inputs, not 4; build with opset 18 or later',
    ],
    ['an operator that came later', () => build([op.mish(x)], 17), 'opset 17 does not have it; build with opset 18'],
    [
      'a default that changed',
      () => {
        const image = input('image', 'float32', [1, 1, 4, 4]);
        const rois = input('rois', 'float32', [1, 4]);
        const index = input('index', 'int64', [1]);
        const y = op.roiAlign(image, rois, index);
        return buildModel({ inputs: [image, rois, index], outputs: { y }, opset: 15 });
      },
      'half_pixel is not in opsets before 16; build with opset 16 or later',
    ],
  ])('%s', (_, action, message) => expect(action).toThrow(message));
});

function textAttribute({ graph }: Model, name: string): string {
  const attribute: Attribute | undefined = graph.nodes[0].attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'string' ? new TextDecoder().decode(attribute.value) : '';
}
