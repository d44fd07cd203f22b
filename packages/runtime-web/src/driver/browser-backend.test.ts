/** What the backends in Chromium do with a model: one browser each, started once for all of these tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, constant, encodeModel, input, op, type Tensor, thresholdActivation } from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { Session } from '@rheobase/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { missing, PATIENCE_MS, unless } from '../../test/chromium.js';
import { identityModel, productsModel, square } from '../../test/models.js';
import { browserBackend } from './browser-backend.js';

const BACKENDS = [
  { id: 'chromium/wasm', provider: 'CPUExecutionProvider', implementation: /^onnxruntime-web wasm simd, 2 threads$/ },
  { id: 'chromium/webgpu', provider: 'WebGpuExecutionProvider', implementation: /^onnxruntime-web webgpu \(jspi\)/ },
].map((expected) => ({ ...expected, backend: browserBackend(expected.id, { threads: 2 }) }));

afterAll(() => Promise.all(BACKENDS.map(({ backend }) => backend.close())));

/** Float bits by hand: a quiet NaN with a payload, a negative NaN, a denormal, the largest float. */
const SPECIAL = Uint32Array.of(0x7fc12345, 0xffc00001, 0x80000000, 0x00000001, 0x7f7fffff, 0x7f800000, 0xff800000);

/** Every element type that ONNX Runtime's JavaScript API carries, with values that a sloppy copy would spoil. */
const ROUND_TRIPS: readonly Tensor[] = [
  { dtype: 'float32', shape: [7], data: new Float32Array(SPECIAL.buffer) },
  { dtype: 'float64', shape: [3], data: Float64Array.of(Math.PI, 5e-324, -0) },
  { dtype: 'float16', shape: [5], data: Uint16Array.of(0x3c00, 0x8000, 0x7c00, 0x0001, 0x7e01) },
  { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
  { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
  { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 32767) },
  { dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) },
  { dtype: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  { dtype: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  { dtype: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
  { dtype: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { dtype: 'string', shape: [2, 2], data: ['a', '', 'é😀', 'two words'] },
  { dtype: 'string', shape: [0], data: [] },
  { dtype: 'float32', shape: [], data: Float32Array.of(7) },
  { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) },
  { dtype: 'float32', shape: [300, 300], data: Float32Array.from({ length: 90_000 }, (_, index) => index) },
];

/** y = x where x > 0.5, z = x + x. */
function thresholdModel(): Uint8Array {
  const x = input('x', 'float32', ['batch', 3]);
  const y = thresholdActivation(x, { threshold: 0.5 });
  return encodeModel(buildModel({ inputs: [x], outputs: { y, z: op.add(x, x) } }));
}

const row = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [1, values.length],
  data: Float32Array.from(values),
});

describe.skipIf(missing).each(BACKENDS)(
  `$id${unless}`,
  { timeout: PATIENCE_MS },
  ({ id, backend, provider, implementation }) => {
    it('says what it is', async () => {
      const availability = await backend.probe();
      expect(availability).toMatchObject({
        available: true,
        runtimeVersion: '1.30.0',
        implementation: expect.stringMatching(implementation),
        device: expect.stringMatching(/./),
        versions: { chromium: expect.stringMatching(/^\d+\.\d+/) },
      });
      // A GPU in software is always told by its name.
      if (availability.available && /swiftshader/i.test(availability.device ?? '')) {
        expect(availability.software).toBe(true);
      }
    });

    it.each(ROUND_TRIPS)('carries $dtype $shape both ways, bit for bit', async (x) => {
      const session = await backend.open({ bytes: identityModel(x.dtype, x.shape) });
      const { outputs, ms } = await session.run({ x });
      expect(Object.keys(outputs)).toEqual(['y']);
      expect({ ...outputs.y, data: bits(outputs.y) }).toEqual({ ...x, data: bits(x) });
      expect(ms).toBeGreaterThan(0);
      await session.close();
    });

    it('computes the threshold activation, fetches what is asked for, and tells who ran each node', async () => {
      const session = await backend.open({ bytes: thresholdModel() }, { profile: true });
      expect(session.inputs).toEqual([{ kind: 'tensor', name: 'x', dtype: 'float32', shape: ['batch', 3] }]);
      const { outputs } = await session.run({ x: row(0.5, Number.NaN, 0.6) }, ['y']);
      expect(outputs).toEqual({ y: row(0, 0, 0.6) });
      const { nodes, incomplete } = await session.profile();
      expect(incomplete).toBeNull();
      const kernels = Object.fromEntries(nodes.map((node) => [node.opType, node.provider]));
      expect(kernels).toMatchObject({ Greater: provider, Where: provider, Add: provider });
      for (const { ms } of nodes) expect(ms).toBeGreaterThanOrEqual(0);
      await session.close();
    });

    it('answers calls made at once, on several sessions, each its own', async () => {
      const sessions = await Promise.all([1, 2].map(() => backend.open({ bytes: thresholdModel() })));
      const runs = sessions.flatMap((session, index) => [run(session, index + 1), run(session, index + 11)]);
      expect(await Promise.all(runs)).toEqual([2, 22, 4, 24].map((z) => row(z, z, z)));
      await Promise.all(sessions.map((session) => session.close()));
    });

    it('times runs by a fine clock, read-back included', async () => {
      const session = await backend.open({ bytes: productsModel(64, 10) });
      const feeds = { x: square(64) };
      const samples = await session.time(feeds, 3);
      expect(samples).toHaveLength(3);
      // Whole runs, not the moments of their dispatch: the fastest takes about as long as one with its outputs.
      const withOutputs: number[] = [];
      for (let count = 0; count < 3; count += 1) withOutputs.push((await session.run(feeds)).ms);
      expect(Math.min(...samples)).toBeGreaterThan(Math.min(...withOutputs) / 4);
      expect(Math.min(...samples)).toBeGreaterThan(0.05);
      // 5 µs in an isolated page, where it would be 100 µs in others.
      expect(samples.some((sample) => Math.abs(sample * 10 - Math.round(sample * 10)) > 0.01)).toBe(true);
      await session.close();
    });

    it('leaves outputs on the device when asked to, and reads them back for a run', async () => {
      const session = await backend.open({ bytes: productsModel(64, 10) }, { outputs: 'device' });
      const host = await backend.open({ bytes: productsModel(64, 10) });
      const feeds = { x: square(64) };
      expect((await session.run(feeds)).outputs).toEqual((await host.run(feeds)).outputs);
      const samples = await session.time(feeds, 3);
      expect(samples).toHaveLength(3);
      // The GPU's work is part of it: no dispatch of ten products is that short.
      expect(Math.min(...samples)).toBeGreaterThan(0.05);
      await session.close();
      await host.close();
    });

    it.each(['disabled', 'all'] as const)('optimises the graph as asked: %s', async (optimization) => {
      const x = input('x', 'float32', [3]);
      const bytes = encodeModel(buildModel({ inputs: [x], outputs: { y: op.neg(op.identity(op.relu(x))) } }));
      const session = await backend.open({ bytes }, { optimization, profile: true });
      await session.run({ x: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) } });
      const kernels = (await session.profile()).nodes.map(({ opType }) => opType);
      expect(kernels.includes('Identity')).toBe(optimization === 'disabled');
      await session.close();
    });

    it('loads a file again as it is now, whatever it was when it was loaded before', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rheobase-'));
      const path = join(folder, 'model.onnx');
      const scaled = (factor: number): Uint8Array => {
        const x = input('x', 'float32', [1]);
        return encodeModel(buildModel({ inputs: [x], outputs: { y: op.mul(x, factor) } }));
      };
      const times = async (): Promise<Tensor | undefined> => {
        const session = await backend.open({ path });
        const { outputs } = await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
        await session.close();
        return outputs.y;
      };
      const answers: unknown[] = [];
      for (const factor of [2, 2, 3]) {
        writeFileSync(path, scaled(factor));
        answers.push((await times())?.data, (await times())?.data);
      }
      expect(answers.map((data) => Array.from(data as Float32Array))).toEqual([[2], [2], [2], [2], [3], [3]]);
      rmSync(folder, { recursive: true });
    });

    it('loads a model from a file, and the weights beside it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rheobase test-'));
      const path = join(folder, 'a model.onnx');
      const x = input('x', 'float32', [1, 3]);
      const y = op.add(x, constant(row(10, 20, 30) as Tensor<'float32'>));
      await writeModelFile(path, buildModel({ inputs: [x], outputs: { y } }), {
        externalData: { location: 'the weights.bin', threshold: 0 },
      });
      const session = await backend.open({ path });
      expect((await session.run({ x: row(1, 2, 3) })).outputs).toEqual({ y: row(11, 22, 33) });
      await session.close();

      rmSync(join(folder, 'the weights.bin'));
      await expect(backend.open({ path })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('the weights.bin'),
      });
      writeFileSync(path, 'no model');
      await expect(backend.open({ path })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('not an ONNX model'),
      });
      rmSync(folder, { recursive: true });
      await expect(backend.open({ path })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(/a model\.onnx: the file does not exist/),
      });
    });

    it('refuses wrong feeds, and lives on', async () => {
      const session = await backend.open({ bytes: thresholdModel() });
      await expect(session.run({})).rejects.toMatchObject({ code: 'bad-input', where: 'input x' });
      await expect(session.run({ x: row(1, 2) })).rejects.toMatchObject({ code: 'bad-input', where: 'input x' });
      expect(await run(session, 1)).toEqual(row(2, 2, 2));
      await session.close();
    });

    it.runIf(id === 'chromium/wasm')(
      'gives sessions that ask for another number of threads a page of their own',
      async () => {
        const one = await backend.open({ bytes: thresholdModel() }, { threads: 1 });
        const two = await backend.open({ bytes: thresholdModel() }, { threads: 2 });
        expect(await Promise.all([run(one, 1), run(two, 2)])).toEqual([row(2, 2, 2), row(4, 4, 4)]);
        await one.close();
        await two.close();
      },
    );
  },
);

async function run(session: Session, value: number): Promise<Tensor | undefined> {
  const { outputs } = await session.run({ x: row(value, value, value) }, ['z']);
  return outputs.z;
}

/** The bytes of a tensor, since `toEqual` takes every NaN for the same. */
function bits(tensor: Tensor | undefined): unknown {
  const data = tensor?.data;
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') : data;
}
