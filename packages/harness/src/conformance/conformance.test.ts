import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildModel, encodeModel, input, type Model, op, type ValueType } from '@rheobase/exporter';
import { RheobaseError } from '@rheobase/exporter/errors';
import { type Tensor, tensor } from '@rheobase/exporter/tensor';
import type { Backend } from '@rheobase/runtime';
import { encodeTensorProto } from '@rheobase/runtime/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpuBackend, failingBackend, missingBackend } from '../fixtures/backends.js';
import { modelOf, nodeOf } from '../fixtures/models.js';
import { EXACT } from '../tolerances/index.js';
import { findConformanceCases } from './backend-test.js';
import { type ConformanceOptions, runConformance } from './run-conformance.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'conformance-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const floats = (...values: number[]): Tensor => tensor('float32', [values.length], Float32Array.from(values));
const GIVEN = floats(-1, 0, 2);

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

/** Writes one case; each data set is [inputs, outputs], a value a tensor or the bytes of a file. */
function writeCase(name: string, model: Model, ...dataSets: readonly [inputs: Values, outputs: Values][]): void {
  write(`${name}/model.onnx`, encodeModel(model));
  for (const [set, [inputs, outputs]] of dataSets.entries()) {
    for (const [role, values] of Object.entries({ input: inputs, output: outputs })) {
      for (const [index, value] of values.entries()) {
        const bytes = value instanceof Uint8Array ? value : encodeTensorProto(value);
        write(`${name}/test_data_set_${set}/${role}_${index}.pb`, bytes);
      }
    }
  }
}
type Values = readonly (Tensor | Uint8Array)[];

const x = input('x', 'float32', [3]);
const relu = buildModel({ inputs: [x], outputs: { y: op.relu(x) } });
const sqrt = buildModel({ inputs: [x], outputs: { y: op.sqrt(x) } });
const difference = (() => {
  const y = input('y', 'float32', [3]);
  return buildModel({ inputs: [x, y], outputs: { less: op.sub(x, y), more: op.add(x, y) } });
})();
const split = buildModel({ inputs: [x], outputs: { parts: op.splitToSequence(x) } });
/** A length-delimited field of a protobuf message; all lengths here are below 128. */
const message = (field: number, content: Uint8Array) => Uint8Array.of((field << 3) | 2, content.length, ...content);
/** SequenceProto: `elem_type` is 1 (tensor), each tensor is in field 3. */
const sequence = (...elements: Tensor[]) =>
  Uint8Array.of(0x10, 1, ...elements.flatMap((element) => [...message(3, encodeTensorProto(element))]));
/** OptionalProto without an element. */
const NOTHING = Uint8Array.of(0x10, 0);

function identityOf(type: ValueType): Model {
  const { graph, ...rest } = modelOf({ nodes: [nodeOf('Identity', ['x'], 'y')] });
  const info = (name: string) => ({ name, type, docString: '', metadata: {} });
  return { ...rest, graph: { ...graph, inputs: [info('x')], outputs: [info('y')] } };
}

const unknownOperator = modelOf({
  inputs: { x: ['float32', [3]] },
  outputs: { y: ['float32', [3]] },
  nodes: [nodeOf('Frobnicate', ['x'], 'y')],
});

/** Outcome and reason of every case below the scratch folder, on one backend. */
async function outcomes(
  backend: Backend = cpuBackend(),
  options: Partial<ConformanceOptions> = {},
): Promise<Record<string, string>> {
  const { report } = await runConformance({ cases: findConformanceCases(root), backends: [backend], ...options });
  const results = report.backends.flatMap(({ cases }) => cases);
  return Object.fromEntries(
    results.map(({ name, outcome, reason }) => [name, reason === null ? outcome : `${outcome}: ${reason}`]),
  );
}

describe('a backend test', () => {
  it('passes where every output of every data set is as expected, by position', async () => {
    writeCase('test_relu', relu, [[GIVEN], [floats(0, 0, 2)]], [[floats(1, -1, 3)], [floats(1, 0, 3)]]);
    writeCase('test_two', difference, [
      [floats(1, 2, 3), floats(1, 1, 1)],
      [floats(0, 1, 2), floats(2, 3, 4)],
    ]);
    expect(await outcomes()).toEqual({ test_relu: 'passed', test_two: 'passed' });
  });

  it('passes within the tolerance of ONNX’s runner, with NaN where NaN is expected', async () => {
    const nearly = floats(Number.NaN, 0, Math.SQRT2 * 1.0009);
    writeCase('test_sqrt', sqrt, [[GIVEN], [nearly]]);
    expect(await outcomes()).toEqual({ test_sqrt: 'passed' });
    expect((await outcomes(cpuBackend(), { tolerance: EXACT })).test_sqrt).toMatch(
      /^failed: output y: 1 of 3 elements/,
    );
  });

  it.each<[string, Values, RegExp]>([
    [
      'value',
      [floats(0, 0, 2.003)],
      /^failed: output y: 1 of 3 elements out of tolerance \(largest difference 0\.003\)$/,
    ],
    ['element type', [tensor('float64', [3], Float64Array.of(0, 0, 2))], /the type is float32, expected float64/],
    ['shape', [tensor('float32', [3, 1], Float32Array.of(0, 0, 2))], /the shape is \[3\], expected \[3,1\]/],
    ['number of outputs', [floats(0, 0, 2), floats(0, 0, 2)], /^failed: the test has values for 2 outputs.* has 1$/],
    ['file that is no tensor', [Uint8Array.of(255, 255)], /^failed: .*output_0\.pb: /],
  ])('fails for another %s, and says how', async (_what, expected, text) => {
    writeCase('test_relu', relu, [[GIVEN], expected]);
    expect((await outcomes()).test_relu).toMatch(text);
  });

  it('names the data set that fails where there are several', async () => {
    writeCase('test_relu', relu, [[GIVEN], [floats(0, 0, 2)]], [[GIVEN], [floats(0, 1, 2)]]);
    expect((await outcomes()).test_relu).toMatch(/^failed: test_data_set_1: output y: 1 of 3/);
  });

  it('is unsupported for an operator that the runtime has not', async () => {
    writeCase('test_frobnicate', unknownOperator, [[GIVEN], [GIVEN]]);
    expect((await outcomes()).test_frobnicate).toMatch(/^unsupported: .*Frobnicate/);
  });

  it('has sequences fetched, element by element', async () => {
    const parts = [-1, 0, 2].map((value) => floats(value));
    writeCase('test_as_expected', split, [[GIVEN], [sequence(...parts)]]);
    writeCase('test_another_value', split, [[GIVEN], [sequence(parts[0], parts[1], parts[1])]]);
    writeCase('test_shorter', split, [[GIVEN], [sequence(parts[0], parts[1])]]);
    writeCase('test_longer', split, [[GIVEN], [sequence(...parts, parts[0])]]);
    expect(await outcomes()).toEqual({
      test_as_expected: 'passed',
      test_another_value: expect.stringMatching(/^failed: output parts\/2: 1 of 1/),
      test_shorter: expect.stringMatching(/^failed: output parts\/length: /),
      test_longer: expect.stringMatching(/^failed: .*Invalid sequence index/),
    });
  });

  it('has sequences and optionals fed, also empty ones', async () => {
    const floatTensor: ValueType = { kind: 'tensor', dtype: 'float32', shape: null };
    const floatSequence: ValueType = { kind: 'sequence', element: floatTensor };
    const optional: ValueType = { kind: 'optional', element: floatSequence };
    writeCase(
      'test_sequence',
      identityOf(floatSequence),
      [[sequence(floats(1), floats(2, 3))], [sequence(floats(1), floats(2, 3))]],
      [[sequence()], [sequence()]],
      [[sequence(floats(1))], [sequence(floats(2))]],
    );
    const held = message(5, sequence(floats(1)));
    writeCase('test_optional', identityOf(optional), [[held], [held]], [[NOTHING], [NOTHING]], [[held], [NOTHING]]);
    expect(await outcomes()).toEqual({
      test_sequence: expect.stringMatching(/^failed: test_data_set_2: output y\/0: 1 of 1/),
      test_optional: expect.stringMatching(/^failed: test_data_set_2: output y\/present: /),
    });
  });

  it('says which file holds no sequence', async () => {
    writeCase('test_split', split, [[GIVEN], [Uint8Array.of(0x1a, 0x7f)]]);
    expect((await outcomes()).test_split).toMatch(/^failed: .*output_0\.pb: it is cut short/);
  });

  it.each(['crashed', 'timeout', 'unavailable'] as const)('has crashed where the backend is lost: %s', async (code) => {
    writeCase('test_relu', relu, [[GIVEN], [floats(0, 0, 2)]]);
    const lost = failingBackend('node/cpu', new RheobaseError(code, 'is gone'), 0);
    expect(await outcomes(lost)).toEqual({ test_relu: 'crashed: is gone' });
  });
});

describe('a run over many', () => {
  it('counts every case, tells of each as it is done, and leaves out a backend that is missing', async () => {
    writeCase('test_a', relu, [[GIVEN], [floats(0, 0, 2)]]);
    writeCase('test_b', relu, [[GIVEN], [floats(9, 9, 9)]]);
    writeCase('test_c', unknownOperator, [[GIVEN], [GIVEN]]);
    const heard: string[] = [];
    const { report, missing } = await runConformance({
      cases: findConformanceCases(root),
      backends: [cpuBackend(), missingBackend('node/cuda')],
      onEvent: ({ backend, done, total, result }) => heard.push(`${backend} ${done}/${total} ${result.outcome}`),
    });
    expect(heard).toEqual(['node/cpu 1/3 passed', 'node/cpu 2/3 failed', 'node/cpu 3/3 unsupported']);
    expect(missing).toEqual([{ id: 'node/cuda', reason: 'no such driver', remedy: 'install one' }]);
    expect(report).toEqual({
      schema: 'rheobase/conformance@1',
      backends: [
        {
          id: 'node/cpu',
          passed: 1,
          failed: 1,
          unsupported: 1,
          crashed: 0,
          cases: [
            { name: 'test_a', outcome: 'passed', reason: null },
            { name: 'test_b', outcome: 'failed', reason: expect.any(String) },
            { name: 'test_c', outcome: 'unsupported', reason: expect.any(String) },
          ],
        },
      ],
    });
  });
});

describe('findConformanceCases', () => {
  const names = (folder: string) => findConformanceCases(join(root, folder)).map(({ name }) => name);

  it('takes one case, a folder of cases, or what holds them as node/', () => {
    for (const name of ['data/node/test_2', 'data/node/test_10']) writeCase(name, relu, [[GIVEN], [GIVEN]]);
    write('data/node/README.md', new Uint8Array());
    expect(names('data/node/test_2')).toEqual(['test_2']);
    expect(names('data/node')).toEqual(['test_2', 'test_10']);
    expect(names('data')).toEqual(['test_2', 'test_10']);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['nothing there', [], /is no folder; give a folder of folders/],
    ['no case', ['in/model.txt'], /in: holds no backend tests/],
    ['no data', ['in/test_a/model.onnx'], /test_a: has no test_data_set_0/],
    ['no output', ['in/t/model.onnx', 'in/t/test_data_set_0/input_0.pb'], /test_data_set_0: has no expected output/],
    ['a gap', ['in/t/model.onnx', 'in/t/test_data_set_0/output_1.pb'], /has output_1\.pb and no output_0\.pb/],
  ])('says what is wrong and where: %s', (_what, files, text) => {
    for (const file of files) write(file, new Uint8Array());
    expect(() => names('in')).toThrow(text);
    expect(() => names('in')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
