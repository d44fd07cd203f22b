import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@rheobase/exporter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededCases } from '../cases/index.js';
import { cpuBackend, faultyBackend, missingBackend } from '../fixtures/backends.js';
import { collected } from '../fixtures/collected.js';
import { changing, networkPath, quick } from '../fixtures/network.js';
import type { VerifyReport } from '../report/verify-report.js';
import { verify } from '../verify/verify.js';
import { mergeReports } from './merge-reports.js';
import { readReport } from './read-report.js';
import { Recording } from './recording.js';
import { replay } from './replay.js';
import { parseShard, reportOfShard, shardOf } from './shard.js';

const folder = mkdtempSync(join(tmpdir(), 'harness-record-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = join(folder, 'run');
const cases = (model: Model) => seededCases(model, { cases: 2, dims: { batch: 8 } });
const different = changing('w2', 3, (value) => value + 0.5);

let recorded: VerifyReport;
beforeAll(async () => {
  const recording = await Recording.into(run);
  recorded = await verify({
    ...quick,
    models: [networkPath],
    backends: [cpuBackend(), missingBackend('node/cuda')].map((backend) => recording.recorded(backend)),
    cases: recording.observed(cases),
  });
  await recording.finish(recorded);
});

describe('a recorded run', () => {
  it('agrees with the same backend, and shows the recording beside it with its own times', async () => {
    const report = await replay({ folder: run, backends: [cpuBackend()], runs: 6 });
    expect(report).toMatchObject({ schema: 'rheobase/verify@1', verdict: 'agree', baseline: 'recorded:node/cpu' });
    expect(report.models).toEqual(recorded.models);
    expect(report.backends.map(({ id, status }) => [id, status])).toEqual([
      ['recorded:node/cpu', 'ran'],
      ['recorded:node/cuda', 'unavailable'],
      ['node/cpu', 'ran'],
    ]);
    expect(report.comparisons.map((row) => [row.case, row.maxAbs])).toEqual(
      ['random0', 'random0', 'random1', 'random1'].map((name) => [name, 0]),
    );
    const timeOf = (id: string) => report.timings.find(({ backend }) => backend === id);
    expect(timeOf('recorded:node/cpu')?.medianMs).toBe(recorded.timings[0]?.medianMs);
    expect(timeOf('node/cpu')?.medianMs).toBeGreaterThan(0);
  });

  it('shows what another machine computes differently', async () => {
    const report = await replay({ folder: run, backends: [faultyBackend('node/cpu', different)], runs: 0 });
    expect(report.verdict).toBe('diverge');
    expect(report.comparisons.find(({ output }) => output === 'probabilities')?.verdict).toBe('diverge');
  });

  it.each([
    ['no folder', () => join(folder, 'nowhere'), /run\.json: does not exist; give a folder that verify --save/],
    [
      'a damaged description',
      () => damaged('run.json', (bytes) => bytes.subarray(0, bytes.length / 2)),
      /run\.json: is no rheobase\/run@1, or a damaged one/,
    ],
    [
      'a foreign one',
      () => damaged('run.json', () => Buffer.from('{"schema":"x"}')),
      /run\.json: is no rheobase\/run@1/,
    ],
    ['damaged inputs', () => damaged('cases/0/inputs.npz', (bytes) => bytes.subarray(0, 100)), /inputs\.npz: /],
    ['a damaged model', () => damaged('models/0/model.onnx', () => Buffer.of(255)), /network\.onnx: |model\.onnx: /],
  ])('with %s is refused in one line', async (_, at, message) => {
    const replaying = replay({ folder: at(), backends: [cpuBackend()], runs: 0 });
    await expect(replaying).rejects.toThrow(message);
    await expect(replaying).rejects.toMatchObject({ code: 'bad-input', message: expect.not.stringContaining('\n') });
  });

  it('refuses a baseline that it does not hold, and paths out of its folder', async () => {
    const options = { folder: run, backends: [cpuBackend()], runs: 0 };
    await expect(replay({ ...options, baseline: 'node/dml' })).rejects.toThrow('these are node/cpu, node/cuda');
    const escaping = damaged('run.json', (bytes) => Buffer.from(String(bytes).replace('models/0/', '../../')));
    await expect(replay({ ...options, folder: escaping })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

let copies = 0;
function damaged(file: string, change: (bytes: Buffer) => Uint8Array): string {
  copies += 1;
  const copy = join(folder, `copy${copies}`);
  cpSync(run, copy, { recursive: true });
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
  return copy;
}

describe('merging', () => {
  const backends = [cpuBackend(), cpuBackend('chromium/wasm')];
  const partOf = async (text: string): Promise<VerifyReport> =>
    reportOfShard(await verify({ ...quick, runs: 0, backends, ...shardOf([networkPath], cases, parseShard(text)) }));

  it('shards make the whole, whichever of them', async () => {
    const parts = [await partOf('1/3'), await partOf('2/3'), await partOf('3/3')];
    expect(parts.map(({ comparisons, verdict }) => [comparisons.length, verdict])).toEqual([
      [2, 'agree'],
      [2, 'agree'],
      [0, 'agree'],
    ]);
    const merged = mergeReports(parts.map((report, i) => ({ name: `${i}`, report })));
    const whole = await verify({ ...quick, runs: 0, models: [networkPath], backends, cases });
    expect(merged.comparisons).toEqual(whole.comparisons);
    expect(merged.backends).toEqual(whole.backends);
    expect(merged.models).toEqual(whole.models);
  });

  it('two machines stay apart, and the worst verdict is that of the whole', async () => {
    const other: VerifyReport = {
      ...recorded,
      verdict: 'incomplete',
      environment: { ...recorded.environment, os: 'Darwin 24.1', arch: 'arm64' },
      timings: recorded.timings.map((row) => ({ ...row, loadMs: row.loadMs + 1 })),
    };
    const merged = mergeReports([recorded, other].map((report) => ({ name: 'a.json', report })));
    expect(merged.verdict).toBe('incomplete');
    expect(merged.backends.map(({ id }) => id)).toEqual(['node/cpu', 'node/cuda', 'node/cpu (Darwin 24.1 arm64)']);
  });

  it('a report given twice counts once', () => {
    const merged = mergeReports([recorded, recorded].map((report) => ({ name: 'a.json', report })));
    expect(merged).toEqual(recorded);
  });

  it('refuses no report, another model of the same path, and files that are none', async () => {
    expect(() => mergeReports([])).toThrow('there is no report to merge');
    const models = recorded.models.map((row) => ({ ...row, sha256: 'other' }));
    const parts = [recorded, { ...recorded, models }].map((report, i) => ({ name: `${i}.json`, report }));
    expect(() => mergeReports(parts)).toThrow(/1\.json: .* is another model here/);
    await expect(readReport(join(folder, 'nowhere.json'))).rejects.toMatchObject({ code: 'bad-input' });
    await expect(readReport(join(run, 'run.json'))).rejects.toThrow('is no rheobase/verify@1 report');
  });
});

describe('shards', () => {
  it('with as many models as parts are of models, else of cases', async () => {
    const { models } = shardOf(['a', 'b', 'c'], cases, parseShard('1/2'));
    expect(models).toEqual(['a', 'c']);
    const part = shardOf(['a'], () => ['x', 'y', 'z'].map((name) => ({ name, feeds: {} })), parseShard('2/2'));
    expect((await collected(part.cases({} as Model))).map(({ name }) => name)).toEqual(['y']);
  });

  it.each(['0/2', '3/2', '1', '1/0', 'a/b', '1/2/3'])('%j is none', (text) => {
    expect(() => parseShard(text)).toThrow('is no shard; write it as 2/5');
  });
});
