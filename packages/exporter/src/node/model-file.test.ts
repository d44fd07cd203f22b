import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FULL_MODEL, MINIMAL_MODEL } from '../../test/sample-models.js';
import { temporaryPath } from '../../test/temporary-path.js';
import { decodeModel } from '../codec/decode.js';
import { encodeModel } from '../codec/encode.js';
import { initializer, tensorOf } from '../model/initializer.js';
import type { Initializer, Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { externalLocations, readModelFile, type WriteModelOptions, writeModelFile } from './index.js';

const counting = (length: number, start = 0) => Float32Array.from({ length }, (_, index) => start + index);
const weights = (name: string, length: number, start = 0): Initializer =>
  initializer(name, tensor('float32', [length], counting(length, start)));
const withInitializers = (...initializers: Initializer[]): Model => ({
  ...MINIMAL_MODEL,
  graph: { ...MINIMAL_MODEL.graph, initializers },
});
const places = (model: Model) =>
  model.graph.initializers.map(({ name, content }) =>
    content.kind === 'external' ? [name, content.location, content.offset, content.length] : [name, content.kind],
  );
const elements = (model: Model) =>
  model.graph.initializers.map((one) => Array.from(tensorOf(one).data as Float32Array));

const three = withInitializers(weights('a', 20_000), weights('tiny', 2, 7), weights('b', 400, 5), weights('c', 16_384));

describe('a model and its file', () => {
  it('come out as they went in', async () => {
    const path = temporaryPath('model.onnx');
    const [written] = await writeModelFile(path, { ...FULL_MODEL, graph: { ...FULL_MODEL.graph, initializers: [] } });
    expect(written).toEqual({ path, bytes: readFileSync(path).length });
    expect(encodeModel(await readModelFile(path))).toEqual(new Uint8Array(readFileSync(path)));
  });

  it('share the bytes of inline weights', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three);
    const { initializers } = (await readModelFile(path)).graph;
    const buffers = initializers.map(({ content }) =>
      content.kind === 'inline' && content.encoded instanceof Uint8Array ? content.encoded.buffer : undefined,
    );
    expect(new Set(buffers).size).toBe(1);
    expect(buffers[0]?.byteLength).toBe(readFileSync(path).length);
  });
});

describe('external data', () => {
  it('lie at mapping boundaries, the larger ones at coarser ones', async () => {
    const path = temporaryPath('model.onnx');
    const written = await writeModelFile(path, three, { externalData: {} });
    expect(written.map((file) => file.path)).toEqual([path, `${path}.data`]);
    const model = await readModelFile(path);
    expect(places(model)).toEqual([
      ['a', 'model.onnx.data', 0, 80_000],
      ['tiny', 'inline'],
      ['b', 'model.onnx.data', 81_920, 1600],
      ['c', 'model.onnx.data', 131_072, 65_536],
    ]);
    expect(externalLocations(model)).toEqual(['model.onnx.data']);
    expect(elements(model)).toEqual(elements(three));
  });

  it('go to several files where one would pass the limit', async () => {
    const path = temporaryPath('model.onnx');
    mkdirSync(join(path, '..', 'weights'));
    const externalData = { location: 'weights/w.bin', threshold: 8, shardBytes: 82_000, alignment: 16 };
    await writeModelFile(path, three, { externalData });
    const model = await readModelFile(path);
    expect(places(model)).toEqual([
      ['a', 'weights/w-1-of-2.bin', 0, 80_000],
      ['tiny', 'weights/w-1-of-2.bin', 80_000, 8],
      ['b', 'weights/w-1-of-2.bin', 80_016, 1600],
      ['c', 'weights/w-2-of-2.bin', 0, 65_536],
    ]);
    expect(elements(model)).toEqual(elements(three));
  });

  it('are read when they are asked for, not before', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three, { externalData: {} });
    const model = await readModelFile(path);
    truncateSync(`${path}.data`, 10);
    expect(() => tensorOf(model.graph.initializers[0])).toThrow('has changed since the model was opened');
  });

  it('stay where they are when a model is written beside itself', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three, { externalData: {} });
    const before = readFileSync(`${path}.data`);
    const [only, ...others] = await writeModelFile(join(path, '..', 'copy.onnx'), await readModelFile(path));
    expect(others).toEqual([]);
    expect(elements(await readModelFile(only.path))).toEqual(elements(three));
    expect(readFileSync(`${path}.data`).equals(before)).toBe(true);
  });

  it('come along to another folder, and come in where none are wanted', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three, { externalData: {} });
    const model = await readModelFile(path);
    const moved = temporaryPath('moved.onnx');
    await writeModelFile(moved, model);
    expect(externalLocations(await readModelFile(moved))).toEqual(['moved.onnx.data']);
    expect(elements(await readModelFile(moved))).toEqual(elements(three));
    const whole = temporaryPath('whole.onnx');
    await writeModelFile(whole, model, { externalData: false });
    expect(elements(decodeModel(readFileSync(whole)))).toEqual(elements(three));
  });

  it('may be laid out anew in the file they are read from', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three, { externalData: {} });
    await writeModelFile(path, await readModelFile(path), { externalData: { alignment: 1, threshold: 0 } });
    const model = await readModelFile(path);
    expect(places(model).map(([, , offset]) => offset)).toEqual([0, 80_000, 80_008, 81_608]);
    expect(elements(model)).toEqual(elements(three));
  });

  it('may be reached through a link that stays in the folder', async () => {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, three, { externalData: { location: 'w.bin' } });
    renameSync(join(path, '..', 'w.bin'), join(path, '..', 'real.bin'));
    symlinkSync('real.bin', join(path, '..', 'w.bin'));
    expect(elements(await readModelFile(path))).toEqual(elements(three));
  });

  it('inside subgraphs are written and read too', async () => {
    const path = temporaryPath('model.onnx');
    const inner = withInitializers(weights('w', 500)).graph;
    const node = { ...FULL_MODEL.graph.nodes[0], attributes: [{ name: 'g', kind: 'graph' as const, value: inner }] };
    await writeModelFile(
      path,
      { ...MINIMAL_MODEL, graph: { ...MINIMAL_MODEL.graph, nodes: [node] } },
      { externalData: {} },
    );
    const [attribute] = (await readModelFile(path)).graph.nodes[0].attributes;
    const [w] = attribute.kind === 'graph' ? attribute.value.initializers : [];
    expect(w.content.kind).toBe('external');
    expect(tensorOf(w).data).toEqual(counting(500));
  });
});

describe('streamed weights', () => {
  const chunked = (name: string, total: number, chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => ({
    ...weights(name, 1),
    shape: [total / 4],
    content: { kind: 'stream' as const, byteLength: total, chunks },
  });
  const bytes = new Uint8Array(counting(5000).buffer);
  function* reusingOneBuffer(size: number): Iterable<Uint8Array> {
    const buffer = new Uint8Array(size);
    for (let start = 0; start < bytes.length; start += size) {
      const piece = bytes.subarray(start, start + size);
      buffer.set(piece);
      yield buffer.subarray(0, piece.length);
      buffer.fill(0xff);
    }
  }
  async function* later(): AsyncIterable<Uint8Array> {
    for (const chunk of reusingOneBuffer(999)) yield await Promise.resolve(chunk);
  }

  it.each([
    ['into the model', undefined],
    ['beside it', {}],
  ])('%s', async (_, externalData) => {
    const path = temporaryPath('model.onnx');
    const model = withInitializers(
      chunked('sync', bytes.length, () => reusingOneBuffer(333)),
      chunked('async', bytes.length, later),
      weights('last', 3000),
    );
    await writeModelFile(path, model, externalData && { externalData });
    const [sync, async, last] = elements(await readModelFile(path));
    expect(sync).toEqual(Array.from(counting(5000)));
    expect(async).toEqual(sync);
    expect(last).toEqual(Array.from(counting(3000)));
  });

  it.each<[string, Initializer, string]>([
    [
      'too few bytes',
      chunked('w', 20_004, () => [bytes]),
      "tensor 'w': its stream announced 20004 bytes and gave only 20000",
    ],
    ['too many', chunked('w', 19_996, () => [bytes]), 'announced 19996 bytes and gave more'],
    [
      'without end',
      chunked('w', 8, function* () {
        for (;;) yield bytes;
      }),
      'gave more',
    ],
    ['of another shape', { ...chunked('w', 16, () => [bytes]), shape: [5] }, 'takes 20 bytes, its stream announces 16'],
    ['not bytes', chunked('w', 4, () => [[1, 2, 3, 4] as unknown as Uint8Array]), 'something other than bytes'],
    [
      'failing',
      chunked('w', 4, () => {
        throw new Error('no network');
      }),
      'no network',
    ],
  ])('%s leave nothing behind', async (_, initializer, message) => {
    const path = temporaryPath('model.onnx');
    for (const options of [{}, { externalData: { threshold: 0 } }] satisfies WriteModelOptions[]) {
      await expect(writeModelFile(path, withInitializers(weights('a', 9000), initializer), options)).rejects.toThrow(
        message,
      );
      expect(readdirSync(join(path, '..'))).toEqual([]);
    }
  });
});

describe('files that cannot be used', () => {
  const file = (content: Uint8Array | string) => {
    const path = temporaryPath('bad.onnx');
    writeFileSync(path, content);
    return path;
  };
  it.each<[string, () => string, string]>([
    ['missing', () => temporaryPath('none.onnx'), 'there is no such file; check the path'],
    ['a folder', () => join(temporaryPath('x'), '..'), 'is a folder; name the model file in it'],
    ['empty', () => file(''), 'is empty; copy or download'],
    ['no model', () => file('hello, world'), 'not an ONNX model'],
    ['cut off', () => file(encodeModel(FULL_MODEL).subarray(0, 900)), 'truncated at byte 900; copy or download'],
    ['inside a file', () => join(file('x'), 'y.onnx'), 'a part of the path is a file'],
  ])('%s', async (_, make, message) => {
    const path = make();
    await expect(readModelFile(path)).rejects.toMatchObject({ code: 'bad-input', where: path });
    await expect(readModelFile(path)).rejects.toThrow(message);
  });

  it.each<[string, (path: string) => string, string]>([
    ['in no folder', (path) => join(path, '..', 'none', 'm.onnx'), 'there is no such folder; create it first'],
    ['that is a folder', (path) => join(path, '..'), 'is a folder; name a file'],
  ])('to write: %s', async (_, make, message) => {
    const path = make(temporaryPath('m.onnx'));
    await expect(writeModelFile(path, MINIMAL_MODEL)).rejects.toMatchObject({ code: 'bad-input', where: path });
    await expect(writeModelFile(path, MINIMAL_MODEL)).rejects.toThrow(message);
  });
});

describe('files of other kinds and sizes', () => {
  it('a pipe is not waited for', async () => {
    const path = temporaryPath('pipe');
    execFileSync('mkfifo', [path]);
    await expect(readModelFile(path)).rejects.toThrow('is no regular file');
  });

  it('weights named instead of the model', async () => {
    const path = temporaryPath('weights.data');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 31);
    await expect(readModelFile(path)).rejects.toThrow('name the model rather than its external data');
  });

  it.skipIf(process.getuid?.() === 0)('without permission', async () => {
    const path = temporaryPath('closed.onnx');
    await writeModelFile(path, MINIMAL_MODEL);
    chmodSync(path, 0);
    await expect(readModelFile(path)).rejects.toMatchObject({ code: 'bad-input', what: 'may not be read' });
    chmodSync(join(path, '..'), 0o500);
    await expect(writeModelFile(path, MINIMAL_MODEL)).rejects.toMatchObject({ what: 'may not be written' });
    chmodSync(join(path, '..'), 0o700);
  });
});

describe('external data that cannot be used', () => {
  const referring = (location: string, offset = 0, length: number | null = 80): Model =>
    withInitializers({ ...weights('w', 20), content: { kind: 'external', location, offset, length } });

  it.each<[string, Model, string]>([
    ['missing', referring('none.bin'), "external data 'none.bin': "],
    ['a climb', referring('../secret'), 'leaves the folder of the model'],
    ['absolute', referring('/etc/hostname'), 'is not relative'],
    ['a link out', referring('link.bin'), 'is a link out of the folder'],
    ['through a linked folder', referring('linked/w.bin'), 'is a link out of the folder'],
    ['a folder', referring('sub'), 'is no regular file'],
    ['too short', referring('w.bin', 24), "the 80 bytes from 24, the file 'w.bin' has 100"],
    ['beyond all numbers', referring('w.bin', Number.MAX_SAFE_INTEGER), 'the file'],
    [
      'of another length',
      referring('w.bin', 0, 100),
      'float32 of shape [20] takes 80 bytes, its external data has the length 100',
    ],
  ])('%s', async (_, model, message) => {
    const outside = temporaryPath('w.bin');
    writeFileSync(outside, new Uint8Array(100));
    const path = temporaryPath('model.onnx');
    const here = join(path, '..');
    writeFileSync(join(here, 'w.bin'), new Uint8Array(100));
    mkdirSync(join(here, 'sub'));
    symlinkSync(outside, join(here, 'link.bin'));
    symlinkSync(join(outside, '..'), join(here, 'linked'));
    writeFileSync(path, encodeModel(model));
    await expect(readModelFile(path)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(readModelFile(path)).rejects.toThrow(message);
    await expect(readModelFile(path)).rejects.toThrow("tensor 'w'");
  });

  it('is not written through a link out of the folder, nor over what the model refers to', async () => {
    const outside = temporaryPath('victim');
    writeFileSync(outside, 'precious');
    const path = temporaryPath('model.onnx');
    symlinkSync(outside, join(path, '..', 'link.bin'));
    const write = (model: Model, location: string) => writeModelFile(path, model, { externalData: { location } });
    await expect(write(three, 'link.bin')).rejects.toThrow('is a link out of the folder');
    await expect(write(three, '../up.bin')).rejects.toThrow('leaves the folder');
    await expect(write(three, 'model.onnx')).rejects.toThrow('the name of the model itself');
    const mixed = withInitializers(...three.graph.initializers, ...referring('w.bin').graph.initializers);
    await expect(write(mixed, 'w.bin')).rejects.toThrow('would be overwritten; choose another location');
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    expect(existsSync(path)).toBe(false);
  });
});
