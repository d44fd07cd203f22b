import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model, Shape } from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import { encode } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterAll, describe, expect, it } from 'vitest';
import { collected } from '../../fixtures/collected.js';
import { modelOf } from '../../fixtures/models.js';
import type { Case } from '../case.js';
import { fileCases } from './input-files.js';

const folder = mkdtempSync(join(tmpdir(), 'input-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function casesIn(path: string, model: Model): Promise<readonly Case[]> {
  const source = await fileCases(path);
  return collected(source(model));
}

const one = (dtype: DType = 'float32', shape: Shape = ['n', 2]) => modelOf({ inputs: { x: [dtype, shape] } });
const two = modelOf({ inputs: { x: ['float32', ['n', 2]], ids: ['int64', ['n']] } });

describe('JSON', () => {
  const read = (content: unknown, model: Model) => casesIn(saved('in.json', JSON.stringify(content)), model);

  it('nested arrays are the tensor of a model with one input', async () => {
    const [first] = await read(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      one(),
    );
    expect(first).toEqual({
      name: 'in',
      feeds: { x: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) } },
    });
  });

  it('keys are input names, and the model says which type a number has', async () => {
    const [first] = await read({ x: [[1, 2]], ids: ['9007199254740993'] }, two);
    expect(first?.feeds.ids).toEqual({ dtype: 'int64', shape: [1], data: BigInt64Array.of(9007199254740993n) });
  });

  it('several cases are a list, or named', async () => {
    const feeds = { x: [[1, 2]], ids: [3] };
    expect((await read([feeds, feeds], two)).map(({ name }) => name)).toEqual(['case0', 'case1']);
    expect((await read({ first: feeds, second: feeds }, two)).map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('a flat list takes the shape of the input, and text names what JSON lacks', async () => {
    const [first] = await read(['NaN', '-Infinity', 1, 2], one());
    expect(first?.feeds.x).toEqual({
      dtype: 'float32',
      shape: [2, 2],
      data: Float32Array.of(Number.NaN, -Infinity, 1, 2),
    });
  });

  it.each([
    ['ragged', [[1, 2], [3]], /x: its arrays differ in length: one has 2 elements, and there is one of 1/],
    [
      'nested to different depths',
      [
        [1, 2],
        [3, [4]],
      ],
      /x: .*nested|x: .*is no number/,
    ],
    ['text', [['a', 'b']], /in\.json: x: "a" is no number/],
    ['another shape', [[1, 2, 3]], /case in: input x: takes shape \[n,2\], got \[1,3\]/],
    ['another input', { x: [[1, 2]], y: [1] }, /in\.json: y: belongs to no input of the model; its inputs are x/],
    ['nothing', {}, /in\.json: holds no input/],
  ])('%s is refused by place', async (_, content, message) => {
    await expect(read(content, one())).rejects.toThrow(message);
    await expect(read(content, one())).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('a fraction for an integer, and what is no JSON, are refused', async () => {
    await expect(read([[1, 2.5]], one('int32'))).rejects.toThrow('2.5 is no whole number');
    await expect(casesIn(saved('bad.json', '{"x": '), one())).rejects.toThrow(/bad\.json: is no JSON/);
  });
});

describe('images', () => {
  const gray = encode({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.of(0, 51, 102, 255) });
  const color = encode({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(255, 0, 0, 0, 255, 51) });
  const feed = async (bytes: Uint8Array, dtype: DType, shape: Shape) => {
    const [first] = await casesIn(saved('image.png', bytes), one(dtype, shape));
    return { shape: first?.feeds.x?.shape, values: Array.from(first?.feeds.x?.data as ArrayLike<number>) };
  };
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(3)));

  it.each<[Shape, readonly number[]]>([
    [
      ['batch', 1, 2, 2],
      [1, 1, 2, 2],
    ],
    [
      ['batch', 2, 2, 1],
      [1, 2, 2, 1],
    ],
    [
      [1, 2, 2],
      [1, 2, 2],
    ],
    [
      [2, 2],
      [2, 2],
    ],
    [
      ['batch', 4],
      [1, 4],
    ],
    [[4], [4]],
    [
      ['batch', 1, 'h', 'w'],
      [1, 1, 2, 2],
    ],
  ])('a gray image as %j goes from 0 to 1', async (shape, expected) => {
    const { shape: got, values } = await feed(gray, 'float32', shape);
    expect(got).toEqual(expected);
    expect(rounded(values)).toEqual([0, 0.2, 0.4, 1]);
  });

  it('colours are planes or interleaved, as the input says', async () => {
    expect(rounded((await feed(color, 'float32', [1, 3, 1, 2])).values)).toEqual([1, 0, 0, 1, 0, 0.2]);
    expect(rounded((await feed(color, 'float32', [1, 1, 2, 3])).values)).toEqual([1, 0, 0, 0, 1, 0.2]);
    expect(rounded((await feed(color, 'float32', [1, 6])).values)).toEqual([1, 0, 0, 0, 1, 0.2]);
  });

  it('a gray input gets luma, a colour input a gray image three times, an integer input 0 to 255', async () => {
    expect(rounded((await feed(color, 'float32', [1, 1, 1, 2])).values)).toEqual([0.299, 0.61]);
    expect((await feed(gray, 'uint8', [1, 3, 2, 2])).values).toEqual([
      0, 51, 102, 255, 0, 51, 102, 255, 0, 51, 102, 255,
    ]);
  });

  it('16 bits and 1 bit are scaled by their own white', async () => {
    const deep = encode({ width: 2, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0, 65535) });
    expect((await feed(deep, 'float32', [1, 2])).values).toEqual([0, 1]);
    const bits = encode({ width: 3, height: 2, channels: 1, depth: 1, data: Uint8Array.of(0b10100000, 0b01000000) });
    expect((await feed(bits, 'float32', [2, 3])).values).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it('a JPEG is read too, and a folder of images is a case each', async () => {
    const { data } = jpeg.encode({ width: 8, height: 8, data: Buffer.alloc(256, 255) }, 100);
    const [first] = await casesIn(saved('white.jpg', data), one('float32', [1, 64]));
    expect(Math.min(...Array.from(first?.feeds.x?.data as Float32Array))).toBeCloseTo(1, 2);
  });

  it.each([
    ['of another size', gray, /image\.png: an image of 2×2 pixels does not fit an input of shape \[1,1,28,28\]/],
    ['damaged', gray.subarray(0, 40), /image\.png: is no PNG or JPEG image, or a damaged one/],
    ['no image', Uint8Array.of(1, 2, 3), /image\.png: is no PNG or JPEG image/],
  ])('one %s is refused', async (_, bytes, message) => {
    await expect(casesIn(saved('image.png', bytes), one('float32', [1, 1, 28, 28]))).rejects.toThrow(message);
  });
});

describe('a module', () => {
  it('yields cases: a generator of the model, a list, or feeds alone', async () => {
    const path = saved(
      'cases.mjs',
      `export default async function* (model) {
        yield { name: model.graph.inputs[0].name, feeds: { x: [[1, 2]] } };
        yield { x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(3, 4) } };
      }`,
    );
    const cases = await casesIn(path, one());
    expect(cases.map(({ name }) => name)).toEqual(['x', 'case1']);
    expect(cases[1]?.feeds.x?.data).toEqual(Float32Array.of(3, 4));
    expect(await casesIn(saved('list.mjs', 'export default [{ x: [[1, 2]] }];'), one())).toHaveLength(1);
  });

  it.each([
    ['syntax', 'export default {', /cannot be imported/],
    ['nothing', 'export const x = 1;', /its default export yields no cases; export default function/],
    ['a spent generator', 'export default (function* () {})();', /yields no cases/],
    ['failing', 'export default () => { throw new Error("boom"); };', /fails: boom/],
    ['unfit', 'export default [{ y: [1] }];', /case case0: input y: the model has no such input; its inputs are x/],
  ])('with %s is refused by name', async (name, text, message) => {
    const path = saved(`${name.replaceAll(' ', '-')}.mjs`, text);
    await expect(casesIn(path, one())).rejects.toThrow(message);
    await expect(casesIn(path, one())).rejects.toThrow(path);
  });
});
