import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FULL_MODEL, MINIMAL_MODEL } from '../../test/sample-models.js';
import { initializer } from '../model/initializer.js';
import { type Tensor, tensor } from '../tensor/index.js';
import { decodeModel } from './decode.js';
import { encodeModel, modelParts } from './encode.js';

const folder = process.env.RHEOBASE_ONNX_TESTS;
const files = folder === undefined ? [] : onnxFiles(folder);

function onnxFiles(root: string): string[] {
  const cases = readdirSync(join(root, 'node')).map((name) => join(root, 'node', name, 'model.onnx'));
  const light = readdirSync(join(root, 'light')).map((name) => join(root, 'light', name));
  return [...cases, ...light].filter((path) => path.endsWith('.onnx') && existsSync(path));
}

describe.skipIf(files.length === 0)('models of the ONNX project', () => {
  it('are written as they were read', () => {
    expect(files.length).toBeGreaterThan(770);
    for (const path of files) {
      const model = decodeModel(readFileSync(path));
      expect(comparable(decodeModel(encodeModel(model))), path).toEqual(comparable(model));
    }
  });

  it('come back byte for byte, where they leave default fields out and keep tensors raw', () => {
    const same = files.filter((path) => {
      const bytes = readFileSync(path);
      return bytes.equals(encodeModel(decodeModel(bytes)));
    });
    expect(same.length).toBeGreaterThan(0.97 * files.length);
  });

  it('keep weights as views of the file', () => {
    const bytes = readFileSync(join(folder ?? '', 'light', 'light_squeezenet.onnx'));
    for (const { content } of decodeModel(bytes).graph.initializers) {
      if (content.kind !== 'inline' || !(content.encoded instanceof Uint8Array)) continue;
      expect(content.encoded.buffer).toBe(bytes.buffer);
    }
  });
});

describe('a round trip', () => {
  it('keeps every part of a model that uses all of them', () => {
    const again = decodeModel(encodeModel(FULL_MODEL));
    expect(comparable(again)).toEqual(comparable(FULL_MODEL));
    expect(encodeModel(again)).toEqual(encodeModel(FULL_MODEL));
  });

  it('keeps fields that this version of the format does not know, at every level', () => {
    // Field 1000, a varint 5, in a node, inside the graph (field 1 of field 7), and in the model.
    const unknown = [0xc0, 0x3e, 5];
    const node = [0x0a, 3 + unknown.length, 0x22, 1, 0x41, ...unknown];
    const graph = [0x3a, node.length + unknown.length, ...node, ...unknown];
    const bytes = Uint8Array.from([8, 10, ...graph, ...unknown]);
    const model = decodeModel(bytes);
    expect(model.graph.nodes[0].extra).toEqual(Uint8Array.from(unknown));
    expect(model.graph.extra).toEqual(Uint8Array.from(unknown));
    expect(encodeModel(model)).toEqual(bytes);
  });

  it('puts large weights and streams between the encoded parts without copying them', () => {
    const data = new Float32Array(4096);
    const weights = initializer('w', tensor('float32', [4096], data));
    const stream = {
      ...weights,
      name: 's',
      content: { kind: 'stream' as const, byteLength: data.byteLength, chunks: () => [new Uint8Array(data.buffer)] },
    };
    const model = { ...MINIMAL_MODEL, graph: { ...MINIMAL_MODEL.graph, initializers: [weights, stream] } };
    const parts = modelParts(model);
    expect(parts.some((part) => part instanceof Uint8Array && part.buffer === data.buffer)).toBe(true);
    expect(parts.some((part) => !(part instanceof Uint8Array) && part.content === stream.content)).toBe(true);
    const [w, s] = decodeModel(encodeModel(model)).graph.initializers;
    expect(s.content.kind === 'inline' && s.content.encoded).toEqual(w.content.kind === 'inline' && w.content.encoded);
  });

  it('refuses a stream that gives other than it announced', () => {
    const short = {
      ...initializer('s', tensor('uint8', [4], new Uint8Array(4))),
      content: { kind: 'stream' as const, byteLength: 4, chunks: () => [new Uint8Array(3)] },
    };
    const model = { ...MINIMAL_MODEL, graph: { ...MINIMAL_MODEL.graph, initializers: [short] } };
    expect(() => encodeModel(model)).toThrow("tensor 's': its stream announced 4 bytes and gave only 3");
  });
});

it('the generated module is what the generator makes of the facts', () => {
  const generator = fileURLToPath(new URL('../../schema/generate-proto.mjs', import.meta.url));
  const committed = fileURLToPath(new URL('../generated/onnx-proto.ts', import.meta.url));
  const fresh = execFileSync(process.execPath, [generator, '--print'], { encoding: 'utf8' });
  expect(readFileSync(committed, 'utf8')).toBe(fresh);
});

/** A model with its elements in place of the functions that decode them, whichever form they were read in. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${value.join()}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  if ('kind' in value && value.kind === 'inline' && 'data' in value && typeof value.data === 'function') {
    const elements: Tensor = value.data();
    return { ...elements, data: Array.from(elements.data as ArrayLike<unknown>) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, comparable(field)]));
}
