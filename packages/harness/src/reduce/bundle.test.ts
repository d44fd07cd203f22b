import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '@rheobase/exporter';
import { afterAll, describe, expect, it } from 'vitest';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { network } from '../fixtures/network.js';
import { describeEnvironment } from '../verify/environment.js';
import type { Bundle } from './bundle.js';
import { readBundle, writeBundle } from './bundle-files.js';
import { extractNodes } from './extract-nodes.js';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const side = { runtimeVersion: '1.30.0', implementation: 'onnxruntime-node cpu', device: 'a | b', error: null };
const bundle: Bundle = {
  title: 'Relu keeps NaN on node/cpu and not on node/webgpu',
  reason: '1 of 2 elements out of tolerance (1 NaN)',
  model: modelOf({
    inputs: { 'in/x': ['float32', [2]] },
    outputs: { y: ['float32', [2]] },
    nodes: [nodeOf('Relu', ['in/x'], 'y')],
  }),
  case: 'special/nans',
  inputs: { 'in/x': floats([2], [Number.NaN, 1]) },
  expected: { ...side, backend: 'node/cpu', outputs: { y: floats([2], [Number.NaN, 1]) } },
  actual: { ...side, backend: 'node/webgpu', outputs: { y: floats([2], [0, 1]) } },
  firstDivergence: { node: 'Relu_y', opType: 'Relu', output: 'y' },
  tolerance: null,
  environment: describeEnvironment(),
};

describe('a bundle', () => {
  it('is read as it was written', async () => {
    const place = join(folder, 'whole');
    await writeBundle(place, bundle);
    const { model, ...rest } = await readBundle(place);
    const { model: written, ...expected } = bundle;
    expect(rest).toEqual(expected);
    expect(encodeModel(model)).toEqual(encodeModel(written));
  });

  it('tells a person what is wrong and how to see it', async () => {
    const place = join(folder, 'told');
    await writeBundle(place, bundle);
    const readme = readFileSync(join(place, 'README.md'), 'utf8');
    expect(readme).toMatch(/^# Relu keeps NaN/);
    expect(readme).toContain('rheobase verify model.onnx --inputs inputs.npz --backends node/cpu,node/webgpu');
    expect(readme).toContain('a \\| b');
  });

  it('keeps types that NumPy lacks in files of ONNX', async () => {
    const place = join(folder, 'bfloat16');
    const inputs = { 'in/x': { dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0x7fc0) } } as const;
    await writeBundle(place, { ...bundle, inputs });
    expect(existsSync(join(place, 'inputs', 'in_x.pb'))).toBe(true);
    expect((await readBundle(place)).inputs).toEqual(inputs);
  });

  it('keeps tensors apart whose names are the same for a file system', async () => {
    const place = join(folder, 'alike');
    const tensor = (bits: number) => ({ dtype: 'bfloat16', shape: [1], data: Uint16Array.of(bits) }) as const;
    const inputs = { 'in/x': tensor(1), in_x: tensor(2), 'IN:x': tensor(3), ['x'.repeat(300)]: tensor(4) };
    await writeBundle(place, { ...bundle, inputs });
    expect((await readBundle(place)).inputs).toEqual(inputs);
  });

  it('is not read from outside of its folder', async () => {
    const place = join(folder, 'outside');
    await writeBundle(place, bundle);
    const path = join(place, 'bundle.json');
    const description = readFileSync(path, 'utf8').replace('inputs.npz', '../told/inputs.npz');
    writeFileSync(path, description);
    await expect(readBundle(place)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('has no outputs of a side that gave none', async () => {
    const place = join(folder, 'crashed');
    const actual = { ...bundle.actual, outputs: null, error: 'the process was ended by SIGABRT' };
    await writeBundle(place, { ...bundle, actual });
    expect((await readBundle(place)).actual).toEqual(actual);
  });

  it.each(['missing', '.'])('is refused in one line where there is none (%s)', async (name) => {
    await expect(readBundle(join(folder, name))).rejects.toThrow(/bundle\.json: cannot be read/);
  });
});

it('nodes taken out of a model are fed what other nodes gave them, and keep their weights', () => {
  const { model, inputs, outputs } = extractNodes(network, network.graph.nodes.slice(3, 4));
  expect(inputs).toEqual(['hidden']);
  expect(outputs).toEqual(['logits']);
  expect(model.graph.initializers.map(({ name }) => name)).toEqual(['w2']);
});
