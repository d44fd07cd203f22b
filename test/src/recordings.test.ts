/** Runs that are recorded here and replayed there, and work that is shared among jobs, by the real command. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, constant, encodeModel, input, op } from '@rheobase/exporter';
import type { VerifyReport } from '@rheobase/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rheobase, scratchFolder } from './command.js';

const folder = scratchFolder();
const at = (...names: string[]): string => join(folder, ...names);
const report = (name: string): VerifyReport => JSON.parse(readFileSync(at(name), 'utf8'));
afterAll(() => rmSync(folder, { recursive: true }));

/** tanh(x·W + bias), of five numbers. */
function write(name: string, bias: number): void {
  const x = input('x', 'float32', ['batch', 5]);
  const weights = constant({
    dtype: 'float32',
    shape: [5, 3],
    data: Float32Array.from({ length: 15 }, (_, i) => i / 9),
  });
  const shift = constant({ dtype: 'float32', shape: [3], data: Float32Array.of(bias, 0, -bias) });
  const y = op.tanh(op.add(op.matMul(x, weights), shift));
  writeFileSync(at(name), encodeModel(buildModel({ inputs: [x], outputs: { y } })));
}

const untimed = ['--runs', '0'];

beforeAll(async () => {
  write('model.onnx', 0.25);
  write('other.onnx', 0.75);
  const { code } = await rheobase(
    ['verify', 'model.onnx', 'other.onnx', '--backends', 'node/cpu', '--cases', '2', '--save', 'run', ...untimed],
    folder,
  );
  expect(code).toBe(0);
});

describe('replay', () => {
  it('compares another backend with what was recorded, model by model and case by case', async () => {
    const { code, stderr } = await rheobase(
      ['replay', 'run', '--backends', 'node/wasm', '--require', 'node/wasm', '--json', 'replay.json', ...untimed],
      folder,
    );
    expect([code, stderr.includes('rheobase:')]).toEqual([0, false]);
    const { verdict, baseline, backends, comparisons } = report('replay.json');
    expect([verdict, baseline]).toEqual(['agree', 'recorded:node/cpu']);
    expect(backends.map(({ id, status }) => [id, status])).toEqual([
      ['recorded:node/cpu', 'ran'],
      ['node/wasm', 'ran'],
    ]);
    expect(comparisons.map((row) => [row.model, row.backend, row.case])).toEqual(
      ['model.onnx', 'other.onnx'].flatMap((model) => ['random0', 'random1'].map((name) => [model, 'node/wasm', name])),
    );
  });

  it('ends with 1 where the recording has other numbers', async () => {
    cpSync(at('run'), at('changed'), { recursive: true });
    const models = readdirSync(at('changed'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.onnx'),
    );
    for (const name of models) copyFileSync(at('other.onnx'), at('changed', name));
    const { code, stdout } = await rheobase(['replay', 'changed', '--backends', 'node/wasm', ...untimed], folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/verdict diverge: 2 of 4 comparisons with recorded:node\/cpu/);
  });
});

describe('shards', () => {
  const verified = ['verify', 'model.onnx', '--backends', 'node/cpu,node/wasm', '--cases', '5', ...untimed];

  it('of the cases, merged, are what one job would have told', async () => {
    const parts = ['1', '2', '3'].map((number) => `part${number}.json`);
    const [whole, ...shards] = await Promise.all([
      rheobase([...verified, '--json', 'whole.json'], folder),
      ...parts.map((part, i) => rheobase([...verified, '--shard', `${i + 1}/3`, '--json', part], folder)),
    ]);
    expect(shards.map(({ code }) => code)).toEqual([0, 0, 0]);
    const merged = await rheobase(['merge', ...parts.toReversed(), '--json', 'merged.json'], folder);
    expect([merged.code, whole.code]).toEqual([0, 0]);
    const [one, many] = [report('whole.json'), report('merged.json')];
    const byCase = ({ comparisons }: VerifyReport) => comparisons.toSorted((a, b) => a.case.localeCompare(b.case));
    expect(byCase(many)).toEqual(byCase(one));
    expect(one.comparisons).toHaveLength(5);
    expect(many.models).toEqual(one.models);
    expect(many.verdict).toBe(one.verdict);
    expect(many.backends.map(({ id, status, placement }) => ({ id, status, placement }))).toEqual(
      one.backends.map(({ id, status, placement }) => ({ id, status, placement })),
    );
  }, 240_000);
});

describe('what cannot be replayed or merged is told in one line, with exit code 2', () => {
  beforeAll(() => {
    const good = { ...report('replay.json'), models: [{ path: 'model.onnx', sha256: 'a', opset: 21, nodes: 3 }] };
    const put = (name: string, content: unknown): void => writeFileSync(at(name), JSON.stringify(content));
    put('good.json', good);
    put('same-path.json', { ...good, models: [{ ...good.models[0], sha256: 'b' }] });
    put('other-baseline.json', { ...good, baseline: 'node/cuda' });
    put('not-a-report.json', { schema: 'rheobase/bench@1' });
    writeFileSync(at('cut.json'), '{"schema": "rheobase/ver');
    mkdirSync(at('empty'));
    cpSync(at('run'), at('torn'), { recursive: true });
    rmSync(at('torn', 'cases', '0'), { recursive: true });
    cpSync(at('run'), at('damaged'), { recursive: true });
    writeFileSync(at('damaged', 'run.json'), '{"cases": 7}');
  });

  it.each([
    [['replay', 'nowhere', '--backends', 'node/cpu'], /nowhere/],
    [['replay', 'empty', '--backends', 'node/cpu'], /empty/],
    [['replay', 'model.onnx', '--backends', 'node/cpu'], /model\.onnx/],
    [['replay', 'damaged', '--backends', 'node/cpu'], /run\.json/],
    [['replay', 'torn', '--backends', 'node/cpu'], /cases\/0/],
    [['replay', 'run', '--backends', 'node/cpu', '--baseline', 'node/cuda'], /recorded backends.*node\/cpu/],
    [['merge', 'good.json', 'nowhere.json'], /nowhere\.json/],
    [['merge', 'good.json', 'cut.json'], /cut\.json/],
    [['merge', 'good.json', 'not-a-report.json'], /not-a-report\.json/],
    [['merge', 'good.json', 'same-path.json'], /same-path\.json: model\.onnx is another model/],
    [['merge', 'good.json', 'other-baseline.json'], /other-baseline\.json.*node\/cuda.*recorded:node\/cpu/],
    [['verify', 'model.onnx', '--shard', '4/3'], /--shard/],
    [['merge', 'good.json', '--json', '-', '--html', '-'], /standard output.*is to take two files/],
    [['verify', 'model.onnx', '--save', 'model.onnx', '--backends', 'node/cpu'], /model\.onnx/],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await rheobase(args, folder);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(says);
    expect([code, stdout]).toEqual([2, '']);
  });
});
