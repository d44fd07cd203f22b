import { describe, expect, it } from 'vitest';
import { FULL_MODEL, MINIMAL_MODEL } from '../../test/sample-models.js';
import { initializer } from './initializer.js';
import { irVersionFor } from './ir-version.js';
import type { Model, Node, ValueInfo } from './model.js';
import { modelInfo, withOutputs } from './queries.js';

const value = (name: string): ValueInfo => ({
  name,
  type: { kind: 'tensor', dtype: 'float32', shape: ['batch', 3] },
  docString: '',
  metadata: {},
});
const add: Node = {
  name: '',
  opType: 'Add',
  domain: '',
  overload: '',
  inputs: ['x', 'w'],
  outputs: ['sum'],
  attributes: [],
  docString: '',
  metadata: {},
};
const model: Model = {
  ...MINIMAL_MODEL,
  graph: {
    ...MINIMAL_MODEL.graph,
    inputs: [value('x'), value('w')],
    outputs: [value('y')],
    initializers: [initializer('w', { dtype: 'float32', shape: [3], data: new Float32Array(3) })],
    nodes: [add, { ...add, inputs: ['sum', 'w'], outputs: ['y'] }],
  },
};

describe('modelInfo', () => {
  it('names the inputs to feed, not those with a default', () => {
    const { inputs, outputs, opset, nodes } = modelInfo(model);
    expect(inputs).toMatchObject([{ name: 'x', dtype: 'float32', shape: ['batch', 3] }]);
    expect(outputs.map(({ name }) => name)).toEqual(['y']);
    expect({ opset, nodes }).toEqual({ opset: 21, nodes: 2 });
  });

  it('finds external files', () => {
    expect(modelInfo(FULL_MODEL).externalLocations).toEqual(['weights.bin']);
  });
});

describe('withOutputs', () => {
  it('adds intermediates once, untyped where the model does not tell their type', () => {
    const { outputs } = withOutputs(model, ['sum', 'y', 'sum']).graph;
    expect(outputs.map(({ name, type }) => [name, type.kind])).toEqual([
      ['y', 'tensor'],
      ['sum', 'unknown'],
    ]);
  });

  it('refuses a value that is not there', () => {
    expect(() => withOutputs(model, ['nowhere'])).toThrow("the graph has no value 'nowhere'");
  });
});

describe('irVersionFor', () => {
  it.each([
    [7, 4],
    [13, 7],
    [14, 7],
    [15, 8],
    [18, 8],
    [19, 9],
    [20, 9],
    [21, 10],
    [22, 10],
    [23, 11],
    [24, 12],
    [25, 13],
    [26, 13],
  ])('opset %i: %i', (opset, version) => expect(irVersionFor(opset)).toBe(version));

  it('rises with element types and parts of the format', () => {
    expect(irVersionFor(13, ['localFunctions'])).toBe(8);
    expect(irVersionFor(13, [], ['int4'])).toBe(10);
  });
});
