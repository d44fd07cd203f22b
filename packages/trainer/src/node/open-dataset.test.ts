import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Tensor } from '@rheobase/exporter';
import { encodeNpy, encodeNpz } from '@rheobase/runtime/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, datasetTensors } from '../data/index.js';
import { type OpenDatasetOptions, openDataset } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rheobase-data-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COUNT = 10;
const pixels: Tensor = {
  dtype: 'uint8',
  shape: [COUNT, 2, 2],
  data: Uint8Array.from({ length: COUNT * 4 }, (_, at) => (at * 51) % 256),
};
const classes: Tensor = { dtype: 'uint8', shape: [COUNT], data: Uint8Array.from({ length: COUNT }, (_, at) => at % 3) };

/** The bytes of an IDX file of uint8. */
function idx({ shape, data }: Tensor): Uint8Array {
  const header = [0, 0, 8, shape.length, ...shape.flatMap((extent) => [0, 0, extent >> 8, extent & 255])];
  return Uint8Array.from([...header, ...(data as Uint8Array)]);
}

/** Writes files and opens the first, or what `spec` makes of their folder. */
async function opened(files: Record<string, Uint8Array | string>, options: OpenDatasetOptions = {}, spec?: string) {
  const own = await mkdtemp(join(folder, 'case-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(own, name), content);
  const names = (spec ?? Object.keys(files)[0]).split(',').map((name) => join(own, name));
  return openDataset(names.join(','), { testSplit: 0, ...options });
}

const list = ({ data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number);
const inputs = (data: Dataset): number[] => list(datasetTensors(data).x);
const targets = (data: Dataset): number[] => list(datasetTensors(data).y);

describe('what holds the same images and labels', () => {
  const unit = Array.from(pixels.data as Uint8Array, (pixel) => Math.fround(pixel / 255));

  it.each<[string, Record<string, Uint8Array | string>, string?]>([
    ['a npz of x and y', { 'a.npz': encodeNpz({ x: pixels, y: classes }) }],
    ['a npz of images and labels', { 'a.npz': encodeNpz({ images: pixels, labels: classes }) }],
    ['an IDX pair', { 'i.idx': idx(pixels), 'l.idx': idx(classes) }, 'i.idx,l.idx'],
    ['an IDX pair, packed', { i: gzipSync(idx(pixels)), l: gzipSync(idx(classes)) }, 'i,l'],
    ['a pair of IDX and npy', { 'i.idx': idx(pixels), 'l.npy': encodeNpy(classes) }, 'i.idx,l.npy'],
    ['files named as those of MNIST', { 'my-images-idx3-ubyte': idx(pixels), 'my-labels-idx1-ubyte': idx(classes) }],
    ['a module of tensors', { 'm.mjs': `export default ${literal({ x: pixels, y: classes })};` }],
    [
      'a module that yields examples',
      {
        'm.mjs': `export default async function* () {
          for (let at = 0; at < ${COUNT}; at += 1) {
            const image = Uint8Array.from({ length: 4 }, (_, pixel) => ((at * 4 + pixel) * 51) % 256);
            yield { x: { shape: [2, 2], data: image }, y: at % 3 };
          }
        }`,
      },
    ],
  ])('%s', async (_name, files, spec) => {
    const { train, test } = await opened(files, {}, spec);
    expect(test).toBeUndefined();
    expect([train.count, train.x, train.y]).toEqual([
      COUNT,
      { dtype: 'float32', shape: [2, 2] },
      { dtype: 'int64', shape: [] },
    ]);
    expect(inputs(train)).toEqual(unit);
    expect(targets(train)).toEqual(list(classes));
  });

  it('a folder of IDX files and a npz with train and test bring their own test examples', async () => {
    const few = { ...classes, shape: [2], data: Uint8Array.of(2, 1) };
    const images: Tensor = { ...pixels, shape: [2, 2, 2], data: (pixels.data as Uint8Array).slice(0, 8) } as Tensor;
    const npz = encodeNpz({ x_train: pixels, y_train: classes, x_test: images, y_test: few });
    const files = {
      'train-images-idx3-ubyte': idx(pixels),
      'train-labels-idx1-ubyte': idx(classes),
      't10k-images-idx3-ubyte.gz': gzipSync(idx(images)),
      't10k-labels-idx1-ubyte.gz': gzipSync(idx(few)),
    };
    const own = await mkdtemp(join(folder, 'mnist-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(own, name), content);
    await writeFile(join(folder, 'both.npz'), npz);
    for (const source of [own, join(folder, 'both.npz')]) {
      const { train, test } = await openDataset(source);
      expect([train.count, test?.count]).toEqual([COUNT, 2]);
      expect(test && targets(test)).toEqual([2, 1]);
    }
  });
});

function literal({ x, y }: { x: Tensor; y: Tensor }): string {
  const one = ({ dtype, shape, data }: Tensor) =>
    `{ dtype: '${dtype}', shape: [${shape}], data: Uint8Array.of(${data}) }`;
  return `{ x: ${one(x)}, y: ${one(y)} }`;
}

describe('CSV', () => {
  it.each<[string, string, OpenDatasetOptions, number[], number[]]>([
    ['a column called label', 'label,a,b\n1,2,3\n0,4,5\n', {}, [2, 3, 4, 5], [1, 0]],
    ['no header: the last column', '2,3,1\n4,5,0\n', {}, [2, 3, 4, 5], [1, 0]],
    ['no header: a numbered column', '1,2,3\n0,4,5\n', { labelColumn: '0' }, [2, 3, 4, 5], [1, 0]],
    [
      'a named column, semicolons, quotes, CRLF',
      '"a";"the y";"b"\r\n2;"1";3\r\n',
      { labelColumn: 'the y' },
      [2, 3],
      [1],
    ],
    ['a header that is numbers', '0,1,2\n2,3,1\n', { header: true }, [2, 3], [1]],
    ['a byte order mark, tabs and empty lines', '\ufeffx\ty\n\n7\t1\n\n', {}, [7], [1]],
    ['targets that are no classes', 'x,y\n1,0.5\n2,3\n', {}, [1, 2], [0.5, 3]],
    ['pixels by their columns’ names', 'label,1x1,1x2\n3,255,51\n', {}, [1, Math.fround(0.2)], [3]],
    ['numbers that are never scaled', 'label,pixel0\n3,255\n', { scaling: 'none' }, [255], [3]],
  ])('%s', async (_name, text, options, x, y) => {
    const { train } = await opened({ 'a.csv': text }, options);
    expect([inputs(train), targets(train)]).toEqual([x, y]);
  });

  it('names become classes, the same ones for training and test', async () => {
    const own = await mkdtemp(join(folder, 'names-'));
    await writeFile(join(own, 'a.csv'), 'x,species\n1,virginica\n2,setosa\n3,versicolor\n');
    await writeFile(join(own, 'b.csv.gz'), gzipSync('x,species\n1,virginica\n2,versicolor\n'));
    await writeFile(join(own, 'c.csv'), 'x,species\n1,rose\n');
    const { train, test, classes: names } = await openDataset(join(own, 'a.csv'), { test: join(own, 'b.csv.gz') });
    expect(names).toEqual(['setosa', 'versicolor', 'virginica']);
    expect([targets(train), test && targets(test)]).toEqual([
      [2, 0, 1],
      [2, 1],
    ]);
    await expect(openDataset(join(own, 'a.csv'), { test: join(own, 'c.csv') })).rejects.toThrow(
      /c\.csv: target of example 0: is "rose", which is none of the classes setosa, versicolor, virginica/,
    );
  });
});

describe('the test split', () => {
  const text = `x,y\n${Array.from({ length: 100 }, (_, at) => `${at},${at % 2}`).join('\n')}\n`;

  it('is a tenth by default, drawn by the seed, each example on one side', async () => {
    const split = async (seed: number) => opened({ 'a.csv': text }, { testSplit: 0.25, seed });
    const [first, again, other] = [await split(0), await split(0), await split(1)];
    expect([first.train.count, first.test?.count]).toEqual([75, 25]);
    const both = [...inputs(first.train), ...(first.test ? inputs(first.test) : [])];
    expect(both.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(again.test && inputs(again.test)).toEqual(first.test && inputs(first.test));
    expect(other.test && inputs(other.test)).not.toEqual(first.test && inputs(first.test));
    await writeFile(join(folder, 'tenth.csv'), text);
    expect((await openDataset(join(folder, 'tenth.csv'))).test?.count).toBe(10);
    expect(await first.train.hash()).not.toBe(await other.train.hash());
    const numbers = inputs(first.train).map((_, example) => first.train.numberOf?.(example));
    expect(numbers).toEqual(inputs(first.train));
  });
});

describe('bad data is told in one line, with its place', () => {
  const npz = (tensors: Record<string, Tensor>) => ({ 'a.npz': encodeNpz(tensors) });
  const none: Tensor = { dtype: 'uint8', shape: [0, 4], data: new Uint8Array(0) };
  const nan: Tensor = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, Number.NaN, 4) };
  const two: Tensor = { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 1n) };

  it.each<[string, Record<string, Uint8Array | string>, RegExp, string?]>([
    ['an unknown name', {}, /no-such: there is no such data; give mnist, /, 'no-such'],
    ['no examples', npz({ x: none, y: { ...none, shape: [0] } }), /a\.npz: the data set is empty$/],
    ['counts that differ', npz({ x: pixels, y: two }), /a\.npz: the data set has 10 inputs and 2 targets$/],
    ['NaN', npz({ x: nan, y: two }), /a\.npz: input of example 1: holds NaN; leave that example out$/],
    [
      'other keys',
      npz({ foo: pixels, bar: classes }),
      /a\.npz: holds foo, bar, none of which is known as inputs; name/,
    ],
    ['no targets', npz({ x: pixels }), /a\.npz: holds x, none of which is known as targets; name it y/],
    [
      'a cut IDX',
      { 'i.idx': idx(pixels).subarray(0, 20), 'l.idx': idx(classes) },
      /i\.idx: holds 20 bytes, its/,
      'i.idx,l.idx',
    ],
    ['a cut gzip', { 'i.idx': gzipSync(idx(pixels)).subarray(0, 30) }, /i\.idx: is a damaged gzip file$/],
    ['images alone', { 'i.idx': idx(pixels) }, /i\.idx: has no labels beside it; give them as IMAGES,LABELS/],
    ['another kind of file', { 'notes.md': '# Hello, this is no data' }, /notes\.md: is of no known kind; give mnist/],
    ['an empty file', { 'a.npz': '' }, /a\.npz: is empty$/],
    [
      'a cell that is no number',
      { 'a.csv': 'a,b,y\n1,2,0\n1,x,1\n' },
      /a\.csv: line 3, column b: is "x", not a number; take/,
    ],
    ['a missing cell', { 'a.csv': '1,,0\n' }, /a\.csv: line 1, column 1: is empty, not a number/],
    ['a short line', { 'a.csv': '1,2,0\n1,2\n' }, /a\.csv: .*line 2/],
    ['a header alone', { 'a.csv': 'a,y\n' }, /a\.csv: holds no examples$/],
    ['a module of something else', { 'm.mjs': 'export default 5' }, /m\.mjs: its default export is no data; export/],
    [
      'a module that throws',
      { 'm.mjs': 'export default () => { throw new Error("out of ink") }' },
      /m\.mjs: out of ink$/,
    ],
    [
      'uneven examples',
      { 'm.mjs': 'export default [[[1, 2], 0], [[1], 0]]' },
      /m\.mjs: example 1: its inputs are \[1\], those before \[2\]$/,
    ],
  ])('%s', async (_name, files, message, spec) => {
    await expect(opened(files, {}, spec)).rejects.toThrow(message);
  });
});
