/** What every Node backend does with a model, on the real ONNX Runtime. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@rheobase/exporter/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { failure } from '../test/failure.js';
import { identityModel, modelBytes, type SmallGraph } from '../test/models.js';
import { REFUSED_MODELS, relu } from '../test/refused-models.js';
import { type NodeBackendOptions, nodeBackend } from './node-backend.js';

const KINDS: readonly [id: string, options: NodeBackendOptions][] = [
  ['node/cpu', { isolation: 'process' }],
  ['node/cpu', { isolation: 'none' }],
  ['node/wasm', { isolation: 'process' }],
  ['node/wasm', { isolation: 'none' }],
  ['node/webgpu', { isolation: 'process' }],
];

// Other programs on this machine have temporary files too.
const temporary = mkdtempSync(join(tmpdir(), 'node-backend-test-'));
process.env.TMPDIR = temporary;

const backends = await Promise.all(
  KINDS.map(async ([id, options]) => {
    const backend = nodeBackend(id, options);
    return { name: `${id}, isolation ${options.isolation}`, backend, availability: await backend.probe() };
  }),
);
afterAll(async () => {
  await Promise.all(backends.map(({ backend }) => backend.close()));
  rmSync(temporary, { recursive: true });
});

const float = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** Element types that ONNX Runtime's JavaScript API carries both ways, with values that a sloppy copy would spoil. */
const ROUND_TRIPS: readonly Tensor[] = [
  float(0, -0, Number.NaN, Infinity, -Infinity, 1e-45, 3.4e38),
  { dtype: 'float64', shape: [2], data: Float64Array.of(Math.PI, 5e-324) },
  { dtype: 'float16', shape: [4], data: Uint16Array.of(0x3c00, 0x8000, 0x7c00, 0x0001) },
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

describe.each(backends)('$name', ({ backend, availability }) => {
  it.skipIf(!availability.available)('says what it is', () => {
    expect(availability).toMatchObject({ available: true, runtimeVersion: '1.30.0' });
  });

  describe.runIf(availability.available)('with a model', () => {
    it.each(ROUND_TRIPS)('carries $dtype $shape both ways, bit for bit', async (x) => {
      const session = await backend.open({ bytes: identityModel(x.dtype, x.shape) });
      const { outputs, ms } = await session.run({ x });
      expect(outputs).toEqual({ y: x });
      expect(ms).toBeGreaterThan(0);
      await session.close();
    });

    it.each(REFUSED_MODELS)('refuses %s', async (_name, bytes, code, text) => {
      const error = await failure(backend.open({ bytes }));
      expect(error.message).toMatch(text);
      expect(error.code).toBe(code);
      expect(error.message).not.toMatch(/onnxruntime_src|azure|ERROR_CODE|\n/);
    });

    it('refuses a file that is not there', async () => {
      const error = await failure(backend.open({ path: '/no/such/model.onnx' }));
      expect([error.code, error.message]).toEqual(['bad-input', expect.stringContaining('does not exist')]);
    });

    it('tells inputs and outputs, with chosen dimensions put in', async () => {
      const bytes = modelBytes(relu({ inputs: { x: ['float32', ['batch', 3]] }, outputs: { y: ['float32', null] } }));
      const free = await backend.open({ bytes });
      expect(free.inputs).toEqual([{ kind: 'tensor', name: 'x', dtype: 'float32', shape: ['batch', 3] }]);
      const fixed = await backend.open({ bytes }, { dims: { batch: 2 } });
      expect(fixed.inputs).toEqual([{ kind: 'tensor', name: 'x', dtype: 'float32', shape: [2, 3] }]);
      await free.close();
      await fixed.close();
    });

    describe('and wrong feeds', async () => {
      const graph: SmallGraph = {
        inputs: { a: ['float32', ['m', 'k']], b: ['float32', [2, 'n']] },
        outputs: { y: ['float32', ['m', 'n']] },
        nodes: [['MatMul', ['a', 'b'], ['y']]],
      };
      const of = (shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Tensor => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        return { dtype, shape, data: dtype === 'int32' ? new Int32Array(size) : new Float32Array(size) } as Tensor;
      };
      it.each<[string, Record<string, Tensor>, RegExp]>([
        ['none at all', { a: of([1, 2]) }, /input b: no value is given; feed float32 \[2,n\]/],
        ['one too many', { a: of([1, 2]), b: of([2, 1]), c: of([1]) }, /input c: the model has no such input.*a, b/],
        ['another rank', { a: of([2]), b: of([2, 1]) }, /input a: takes shape \[m,k\], got \[2\]/],
        ['another extent', { a: of([1, 2]), b: of([3, 1]) }, /input b: takes shape \[2,n\], got \[3,1\]/],
        ['another element type', { a: of([1, 2], 'int32'), b: of([2, 1]) }, /input a: takes float32, got int32/],
        ['too few elements', { a: { ...of([1, 1]), shape: [1, 2] }, b: of([2, 1]) }, /input a: .* takes 2 stored/],
        ['shapes that part inside', { a: of([1, 3]), b: of([2, 1]) }, /n0.*(dimension|shape)/i],
      ])('says which is wrong: %s', async (_name, feeds, text) => {
        const session = await backend.open({ bytes: modelBytes(graph) });
        const error = await failure(session.run(feeds));
        expect(error.message).toMatch(text);
        expect(error.code).toBe('bad-input');
        // The session lives on.
        expect((await session.run({ a: of([1, 2]), b: of([2, 1]) })).outputs.y?.shape).toEqual([1, 1]);
        await session.close();
      });
    });

    it.each(['disabled', 'all'] as const)('optimises the graph as asked: %s', async (optimization) => {
      const bytes = modelBytes(
        relu({
          nodes: [
            ['Relu', ['x'], ['r']],
            ['Identity', ['r'], ['i']],
            ['Neg', ['i'], ['y']],
          ],
        }),
      );
      const session = await backend.open({ bytes }, { optimization, profile: true });
      expect((await session.run({ x: float(1, -1) })).outputs).toEqual({ y: float(-1, -0) });
      const kernels = (await session.profile()).nodes.map(({ opType }) => opType);
      expect(kernels.includes('Identity')).toBe(optimization === 'disabled');
      await session.close();
    });

    it('leaves outputs on the device only where that is host memory: a GPU would end the process', async () => {
      const bytes = modelBytes(relu({}));
      const opening = backend.open({ bytes }, { outputs: 'device' });
      if (backend.id === 'node/webgpu') {
        expect(await failure(opening)).toMatchObject({
          code: 'unsupported',
          remedy: expect.stringMatching(/chromium/),
        });
        return;
      }
      const session = await opening;
      expect((await session.run({ x: float(1, -1) })).outputs).toEqual({ y: float(1, 0) });
      expect(await session.time({ x: float(1, -1) }, 3)).toHaveLength(3);
      await session.close();
    });

    it('fetches what is asked for, and knows what is not there', async () => {
      const bytes = modelBytes(
        relu({
          outputs: { y: ['float32', [2]], z: ['float32', [2]] },
          nodes: [
            ['Relu', ['x'], ['y']],
            ['Neg', ['x'], ['z']],
          ],
        }),
      );
      const session = await backend.open({ bytes });
      expect((await session.run({ x: float(1, -1) }, ['z'])).outputs).toEqual({ z: float(-1, 1) });
      const error = await failure(session.run({ x: float(1, -1) }, ['w']));
      expect([error.code, error.message]).toEqual(['bad-input', expect.stringMatching(/output w: .* y, z/)]);
      await session.close();
    });

    it('tells a sequence from a tensor, and fetches the tensors beside it', async () => {
      const bytes = modelBytes({
        inputs: { x: ['float32', [2]] },
        outputs: {
          y: ['float32', [2]],
          parts: { kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape: null } },
        },
        nodes: [
          ['Relu', ['x'], ['y']],
          ['SplitToSequence', ['x'], ['parts']],
        ],
      });
      const session = await backend.open({ bytes });
      expect(session.outputs.at(1)).toEqual({ kind: 'non-tensor', name: 'parts' });
      const error = await failure(session.run({ x: float(1, -1) }));
      expect([error.code, error.message]).toEqual(['unsupported', expect.stringMatching(/output parts: is no tensor/)]);
      expect((await session.run({ x: float(1, -1) }, ['y'])).outputs).toEqual({ y: float(1, 0) });
      await session.close();
    });

    it('cannot feed what is no tensor', async () => {
      const sequence = { kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape: null } } as const;
      const bytes = modelBytes({
        inputs: { parts: sequence },
        outputs: { length: ['int64', []] },
        nodes: [['SequenceLength', ['parts'], ['length']]],
      });
      const session = await backend.open({ bytes });
      expect(session.inputs).toEqual([{ kind: 'non-tensor', name: 'parts' }]);
      const error = await failure(session.run({ parts: float(1) }));
      expect([error.code, error.message]).toEqual(['unsupported', expect.stringMatching(/input parts: is no tensor/)]);
      await session.close();
    });

    it('refuses a string that ONNX Runtime would cut', async () => {
      const session = await backend.open({ bytes: identityModel('string', [1]) });
      const error = await failure(session.run({ x: { dtype: 'string', shape: [1], data: ['a\0b'] } }));
      expect([error.code, error.message]).toEqual(['unsupported', expect.stringMatching('first NUL')]);
      await session.close();
    });

    it('times runs without bringing their outputs back', async () => {
      const session = await backend.open({ bytes: modelBytes(relu()) });
      const samples = await session.time({ x: float(1, 2) }, 5);
      expect(samples).toHaveLength(5);
      for (const ms of samples) expect(ms).toBeGreaterThan(0);
      await session.close();
    });

    it('gives the outputs of one run after another, also where their memory may be used again', async () => {
      const bytes = modelBytes({
        inputs: { x: ['float32', ['n']] },
        outputs: { y: ['float32', ['n']] },
        nodes: [['Add', ['x', 'x'], ['y']]],
      });
      const session = await backend.open({ bytes }, { reuseOutputs: true });
      for (const length of [40_000, 70_000, 2, 50_000]) {
        const numbers = Array.from({ length }, (_, index) => index - length);
        const { outputs } = await session.run({ x: float(...numbers) });
        expect(outputs).toEqual({ y: float(...numbers.map((number) => 2 * number)) });
      }
      await session.close();
    });

    it('gives outputs whose length depends on the data, also where their memory may be used again', async () => {
      const bytes = modelBytes({
        inputs: { x: ['float32', [4]] },
        outputs: { at: ['int64', [1, 'k']], twice: ['float32', [4]] },
        nodes: [
          ['NonZero', ['x'], ['at']],
          ['Add', ['x', 'x'], ['twice']],
        ],
      });
      const session = await backend.open({ bytes }, { reuseOutputs: true });
      for (const numbers of [
        [1, 0, 2, 0],
        [0, 3, 0, 4],
        [5, 6, 7, 8],
        [0, 0, 0, 9],
        [0, 0, 9, 0],
      ]) {
        const { outputs } = await session.run({ x: float(...numbers) });
        expect(Array.from(outputs.at?.data ?? [], Number)).toEqual(numbers.flatMap((n, i) => (n === 0 ? [] : [i])));
        expect(outputs.twice).toEqual(float(...numbers.map((number) => 2 * number)));
      }
      await session.close();
    });

    it('finds external data by bytes and beside a file', async () => {
      const bytes = modelBytes({
        inputs: { x: ['float32', [2]] },
        outputs: { y: ['float32', [2]] },
        nodes: [['Add', ['x', 'w'], ['y']]],
        external: { w: { location: 'weights.bin', length: 8, shape: [2] } },
      });
      const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
      const folder = mkdtempSync(join(tmpdir(), 'rheobase-test-'));
      writeFileSync(join(folder, 'model.onnx'), bytes);
      writeFileSync(join(folder, 'weights.bin'), weights);
      const sources = [
        { bytes, externalData: [{ location: 'weights.bin', bytes: weights }] },
        { path: join(folder, 'model.onnx') },
        { path: join(folder, 'model.onnx'), externalLocations: ['weights.bin'] },
      ];
      for (const source of sources) {
        const session = await backend.open(source);
        expect((await session.run({ x: float(1, 2) })).outputs).toEqual({ y: float(11, 22) });
        await session.close();
      }
      rmSync(join(folder, 'weights.bin'));
      const error = await failure(backend.open({ path: join(folder, 'model.onnx') }));
      expect([error.code, error.message]).toEqual(['bad-input', expect.stringContaining('weights.bin')]);
      rmSync(folder, { recursive: true });
    });

    it('refuses a closed session, and a profile that was not asked for', async () => {
      const session = await backend.open({ bytes: modelBytes(relu()) });
      expect((await failure(session.profile())).message).toMatch(/open the session with profile: true/);
      await session.close();
      await session.close();
      expect((await failure(session.run({ x: float(1, 2) }))).code).toBe('bad-input');
    });

    it('leaves no profile behind', async () => {
      const before = temporaries();
      const session = await backend.open({ bytes: modelBytes(relu()) }, { profile: true });
      await session.run({ x: float(1, 2) });
      expect((await session.profile()).nodes.map(({ opType }) => opType)).toContain('Relu');
      await session.close();
      const unread = await backend.open({ bytes: modelBytes(relu()) }, { profile: true });
      await unread.close();
      expect(temporaries()).toEqual(before);
    });
  });
});

/** Every file and folder of the backends under test. */
function temporaries(): readonly string[] {
  return readdirSync(temporary, { recursive: true }).map(String).sort();
}
