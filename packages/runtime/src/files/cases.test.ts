import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildModel, input, type Model, op } from '@rheobase/exporter';
import { type Tensor, tensor } from '@rheobase/exporter/tensor';
import { afterEach, describe, expect, it } from 'vitest';
import { readCases } from './cases.js';
import { encodeNpy } from './npy.js';
import { encodeNpz } from './npz.js';
import { encodeTensorProto } from './tensor-proto.js';

const root = mkdtempSync(join(tmpdir(), 'cases-test-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const value = (number: number): Tensor => tensor('float32', [1], Float32Array.of(number));
const npy = (number: number) => encodeNpy(value(number));
const pb = (number: number) => encodeTensorProto(value(number));
const npz = (numbers: Record<string, number>) =>
  encodeNpz(Object.fromEntries(Object.entries(numbers).map(([key, number]) => [key, value(number)])));

function modelOf(...names: string[]): Model {
  const inputs = names.map((name) => input(name, 'float32', [1]));
  return buildModel({ inputs, outputs: { total: inputs.reduce((sum, value) => op.add(sum, value)) } });
}

/** Writes the files, reads the cases at `at`, and answers them with each tensor as its one number. */
async function read(
  files: Record<string, Uint8Array>,
  at: string,
  model: Model,
): Promise<Record<string, Record<string, number>>> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const cases = (await readCases(join(root, at)))(model);
  const numbers = (feeds: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, Number(data[0])]));
  return Object.fromEntries([...cases].map(({ name, feeds }) => [name, numbers(feeds)]));
}

const two = modelOf('x', 'y');
const one = modelOf('x');

describe('readCases', () => {
  it('one .npz: its keys are the inputs', async () => {
    expect(await read({ 'in.npz': npz({ x: 1, y: 2 }) }, 'in.npz', two)).toEqual({ in: { x: 1, y: 2 } });
  });

  it('one .npz with cases in its keys', async () => {
    const file = npz({ 'a/x': 1, 'a/y': 2, 'b/x': 3, 'b/y': 4 });
    expect(await read({ 'in.npz': file }, 'in.npz', two)).toEqual({ a: { x: 1, y: 2 }, b: { x: 3, y: 4 } });
  });

  it('one .npz of a model whose input names have slashes', async () => {
    const model = modelOf('block/x', 'x');
    const plain = await read({ 'in.npz': npz({ 'block/x': 1, x: 2 }) }, 'in.npz', model);
    expect(plain).toEqual({ in: { 'block/x': 1, x: 2 } });
    const cased = await read({ 'in.npz': npz({ 'c0/block/x': 1, 'c0/x': 2 }) }, 'in.npz', model);
    expect(cased).toEqual({ c0: { 'block/x': 1, x: 2 } });
  });

  it.each([
    ['a.npy', npy(5)],
    ['a.pb', pb(5)],
  ])('one tensor for a model with one input: %s', async (name, bytes) => {
    expect(await read({ [name]: bytes }, name, one)).toEqual({ a: { x: 5 } });
  });

  it('a folder of tensors is one case', async () => {
    const files = { 'in/x.npy': npy(1), 'in/y.pb': pb(2), 'in/readme.txt': new Uint8Array() };
    expect(await read(files, 'in', two)).toEqual({ in: { x: 1, y: 2 } });
  });

  it('a folder of folders and archives is many, in natural order', async () => {
    const files = {
      'in/case10/x.npy': npy(1),
      'in/case10/y.npy': npy(2),
      'in/case9.npz': npz({ x: 3, y: 4 }),
      'in/case11/all.npz': npz({ x: 5, y: 6 }),
    };
    const cases = await read(files, 'in', two);
    expect(Object.entries(cases)).toEqual([
      ['case9', { x: 3, y: 4 }],
      ['case10', { x: 1, y: 2 }],
      ['case11/all', { x: 5, y: 6 }],
    ]);
  });

  it('for a model with one input, a folder of tensors of other names is a case each', async () => {
    const files = { 'in/10.npy': npy(2), 'in/9.npy': npy(1), 'in/more/a.pb': pb(3), 'in/more/b.pb': pb(4) };
    expect(Object.entries(await read(files, 'in', one))).toEqual([
      ['9', { x: 1 }],
      ['10', { x: 2 }],
      ['more/a', { x: 3 }],
      ['more/b', { x: 4 }],
    ]);
  });

  it('another format reads the files of its ending for the input they are named after', async () => {
    const constant = (_path: string, { name }: { name: string }) =>
      tensor('float32', [1], Float32Array.of(name.length));
    await read({ 'in/x.npy': npy(1) }, 'in', one);
    writeFileSync(join(root, 'in', 'x.TXT'), '');
    rmSync(join(root, 'in', 'x.npy'));
    const cases = await readCases(join(root, 'in'), { '.txt': { tensor: constant } });
    expect([...cases(one)].map(({ feeds }) => feeds.x?.data)).toEqual([Float32Array.of(1)]);
  });

  it("an ONNX backend test: inputs by position, outputs and the model's file passed over", async () => {
    const files = {
      'test/model.onnx': new Uint8Array(),
      'test/test_data_set_0/input_0.pb': pb(1),
      'test/test_data_set_0/input_1.pb': pb(2),
      'test/test_data_set_0/output_0.pb': pb(3),
      'test/test_data_set_1/input_0.pb': pb(4),
      'test/test_data_set_1/input_1.pb': pb(5),
    };
    expect(await read(files, 'test', two)).toEqual({
      test_data_set_0: { x: 1, y: 2 },
      test_data_set_1: { x: 4, y: 5 },
    });
    expect(await read({}, 'test/test_data_set_1', two)).toEqual({ test_data_set_1: { x: 4, y: 5 } });
  });

  it('a file that cannot be named as the input is', async () => {
    expect(await read({ 'in/serving_default_x_0.npy': npy(1) }, 'in', modelOf('serving_default_x:0'))).toEqual({
      in: { 'serving_default_x:0': 1 },
    });
    expect(await read({ 'other/whatever.npy': npy(2) }, 'other', one)).toEqual({ other: { x: 2 } });
  });

  it('reads a case only when it is asked for', async () => {
    await read({ 'in/a/x.npy': npy(1) }, 'in', one);
    writeFileSync(join(root, 'in', 'b.npz'), 'damaged');
    const cases = (await readCases(join(root, 'in')))(one)[Symbol.iterator]();
    expect(cases.next().value).toMatchObject({ name: 'a' });
    expect(() => cases.next()).toThrow(/b\.npz: is no \.npz file/);
  });

  it.each<[string, Record<string, Uint8Array>, string, Model, RegExp]>([
    ['nothing there', {}, 'nowhere', one, /nowhere: does not exist/],
    ['a folder without tensors', { 'in/a.txt': new Uint8Array() }, 'in', one, /in: holds no tensors; give \.npy/],
    [
      'one tensor for two inputs',
      { 'a.npy': npy(1) },
      'a.npy',
      two,
      /a\.npy: holds one tensor, and the model takes 2 \(x, y\)/,
    ],
    ['a key of no input', { 'a.npz': npz({ x: 1, z: 2 }) }, 'a.npz', two, /a\.npz: z: belongs to no input.*x, y/],
    ['a key of no case', { 'a.npz': npz({ 'c/x': 1, q: 2 }) }, 'a.npz', two, /a\.npz: q: belongs to no input/],
    ['a file of no input', { 'in/x.npy': npy(1), 'in/z.npy': npy(1) }, 'in', two, /z\.npy: belongs to no input/],
    ['a damaged array', { 'in/x.npy': npy(1).subarray(0, 130) }, 'in', one, /x\.npy: is cut short: float32 \[1\]/],
    ['a damaged tensor', { 'in/x.pb': Uint8Array.of(255, 255) }, 'in', one, /x\.pb: /],
    ['another kind of file', { 'a.csv': npy(1) }, 'a.csv', one, /a\.csv: is of no known kind; give a \.npy/],
  ])('says what is wrong and where: %s', async (_name, files, at, model, text) => {
    await expect(read(files, at, model)).rejects.toThrow(text);
    await expect(read(files, at, model)).rejects.toMatchObject({ code: 'bad-input' });
  });
});
