import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { FULL_MODEL } from '../../test/sample-models.js';
import { RheobaseError } from '../errors.js';
import { type TensorProto, writeTensorProto } from '../generated/onnx-proto.js';
import { decodeModel, decodeTensor } from './decode.js';
import { encodeModel } from './encode.js';

const bytes = encodeModel(FULL_MODEL);
const text = (content: string) => new TextEncoder().encode(content);

describe('bytes that are no model', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'not an ONNX model: there are no bytes'],
    ['text', text('hello, world'), 'not an ONNX model'],
    ['JSON', text('{"ir_version": 10}'), 'not an ONNX model'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a), 'not an ONNX model'],
    ['zeros', new Uint8Array(64), 'not an ONNX model'],
    ['a version and no graph', Uint8Array.of(8, 10), 'not an ONNX model: it has no graph'],
    ['the first half of one', bytes.subarray(0, bytes.length / 2), `truncated at byte ${Math.floor(bytes.length / 2)}`],
    ['a length past its message', Uint8Array.of(8, 10, 0x3a, 4, 0x0a, 9, 0, 0, 0, 0), 'damaged at byte 5'],
    ['a name that is not UTF-8', Uint8Array.of(8, 10, 0x3a, 3, 0x12, 1, 0xff), 'damaged at byte 7'],
  ])('%s', (_, content, message) => {
    expect(() => decodeModel(content)).toThrow(message);
    expect(errorOf(() => decodeModel(content))).toMatchObject({ code: 'bad-input' });
  });

  it('messages nested a thousand deep', () => {
    let graph = new Uint8Array(0);
    for (let level = 0; level < 1000; level += 1) {
      const attribute = delimited(6, graph);
      graph = delimited(1, delimited(5, attribute));
    }
    expect(() => decodeModel(Uint8Array.from([8, 10, ...delimited(7, graph)]))).toThrow('nested deeper than 100');
  });
});

describe('damaged models', () => {
  it('cut anywhere: a RheobaseError', () => {
    for (let length = 1; length < bytes.length; length += 1) {
      const error = errorOf(() => decodeModel(bytes.subarray(0, length)));
      if (error !== undefined) expect(error, `cut at ${length}`).toBeInstanceOf(RheobaseError);
    }
  });

  it('with any bytes changed: a model, or a RheobaseError', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = bytes.slice();
        for (const [position, value] of changes) damaged[position] = value;
        const error = errorOf(() => encodeModel(decodeModel(damaged)));
        return error === undefined || error instanceof RheobaseError;
      }),
      { numRuns: 3000 },
    );
  });
});

describe('tensors that promise more than they hold', () => {
  it.each<[string, TensorProto, string]>([
    ['raw bytes', { dims: [2 ** 40], dataType: 1, rawData: new Uint8Array(4) }, 'raw_data has 4'],
    ['beyond counting', { dims: [2 ** 40, 2 ** 40], dataType: 1, rawData: new Uint8Array(4) }, 'beyond any memory'],
    ['no bytes at all', { dims: [2 ** 40], dataType: 7 }, 'takes 1099511627776 stored elements, the file has 0'],
    ['strings', { dims: [3], dataType: 8, stringData: [text('a')] }, 'takes 3 elements, the file has 1'],
    ['a negative extent', { dims: [-1], dataType: 1 }, 'has the extent -1'],
    ['an element type unknown to ONNX', { dims: [1], dataType: 99 }, 'the element type 99'],
    ['external data without a place', { dims: [1], dataType: 1, dataLocation: 1 }, 'without a location'],
  ])('%s', (_, proto, message) => {
    const encoded = writeTensorProto(new protobuf.Writer(), { name: 'w', ...proto }).finish();
    expect(() => decodeTensor(encoded)).toThrow(message);
    expect(() => decodeTensor(encoded)).toThrow("tensor 'w'");
  });
});

function delimited(field: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new protobuf.Writer().uint32(field * 8 + 2);
  return Uint8Array.from(writer.bytes(content).finish());
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
