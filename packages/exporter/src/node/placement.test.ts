import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { MINIMAL_MODEL } from '../../test/sample-models.js';
import { initializer } from '../model/initializer.js';
import type { Initializer, Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { placeTensors } from './placement.js';

const streamed = (name: string, byteLength: number): Initializer => ({
  ...initializer(name, tensor('uint8', [0], new Uint8Array(0))),
  shape: [byteLength],
  content: { kind: 'stream', byteLength, chunks: () => [] },
});
const withInitializers = (...initializers: Initializer[]): Model => ({
  ...MINIMAL_MODEL,
  graph: { ...MINIMAL_MODEL.graph, initializers },
});
const outside = (model: Model, options?: Parameters<typeof placeTensors>[3]) =>
  placeTensors(model, tmpdir(), 'm.onnx', options).payloads.map(({ item, location }) => [item.name, location]);

describe('which weights go into files beside the model', () => {
  it('none of a model that one file can hold', () => {
    expect(outside(withInitializers(streamed('a', 1.9e9)))).toEqual([]);
  });

  it('all but the small ones of a model that no file can hold, unasked', () => {
    expect(outside(withInitializers(streamed('a', 1.2e9), streamed('shape', 16), streamed('b', 1.2e9)))).toEqual([
      ['a', 'm.onnx-1-of-2.data'],
      ['b', 'm.onnx-2-of-2.data'],
    ]);
  });

  it('none where that is asked for, whatever the size', () => {
    expect(outside(withInitializers(streamed('a', 3e9)), false)).toEqual([]);
  });

  it('those from the threshold on, but no strings', () => {
    const strings = initializer('s', tensor('string', [2], ['a', 'b']));
    const model = withInitializers(strings, streamed('a', 8), streamed('b', 7));
    expect(outside(model, { threshold: 8 })).toEqual([['a', 'm.onnx.data']]);
  });

  it('a tensor that is used twice once', () => {
    const a = streamed('a', 2000);
    expect(outside(withInitializers(a, a), {})).toEqual([['a', 'm.onnx.data']]);
  });
});
