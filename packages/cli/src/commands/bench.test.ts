import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { main } from '../main.js';
import { speedText } from '../terminal/bench-table.js';

const folder = mkdtempSync(join(tmpdir(), 'rheobase-bench-'));
const [narrow, wide] = [join(folder, 'narrow.onnx'), join(folder, 'wide.onnx')];

beforeAll(async () => {
  await main(['export', 'mnist-mlp', '-o', narrow]);
  await main(['export', 'mnist-mlp-wide', '-o', wide]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

it('writes the report and tells which model is faster', async () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const json = join(folder, 'report.json');
  const args = ['bench', narrow, wide, '--backends', 'node/cpu', '--runs', '10', '--dim', 'batch=4', '--json', json];
  const code = await main([...args, '--threads', '1,2']);
  const text = written.mock.calls.map(([chunk]) => String(chunk)).join('');
  written.mockRestore();
  expect(code).toBe(0);
  const report = JSON.parse(await readFile(json, 'utf8'));
  expect(report).toMatchObject({ schema: 'rheobase/bench@1', models: [narrow, wide], failures: [] });
  expect(report.results.map((row: { threads: number }) => row.threads)).toEqual([1, 2]);
  for (const { ratio } of report.results) expect(ratio.ciHigh).toBeLessThan(1);
  expect(text.match(/A is [\d.]+× faster \[/g)).toHaveLength(2);
}, 60_000);

it('tells throughput as runs a second', async () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const json = join(folder, 'throughput.json');
  const args = ['bench', narrow, narrow, '--backends', 'node/cpu', '--mode', 'throughput', '--json', json];
  const code = await main([...args, '--runs', '4', '--launches', '2']);
  const text = written.mock.calls.map(([chunk]) => String(chunk)).join('');
  written.mockRestore();
  expect(code).toBe(0);
  const [{ mode, a }] = JSON.parse(await readFile(json, 'utf8')).results;
  expect(mode).toBe('throughput');
  expect(a.runsPerSample).toBeGreaterThan(1);
  expect(a.runsPerSecond.median).toBeCloseTo(1000 / a.medianMs, 6);
  expect(text).toMatch(/runs\/s \[[\d,]+, [\d,]+\]/);
}, 60_000);

it.each([
  [['--threads', '1,x'], /--threads: takes whole numbers above 0, got "x"/],
  [['--dim', 'rows=2'], /dimension rows: the model has no such open dimension/],
  [['--runs', '0'], /--runs: takes a whole number from 1 on, got 0/],
  [['--launches', '1.5'], /--launches: takes a whole number from 1 on, got 1.5/],
  [['--seed', 'x'], /--seed: takes a whole number, got NaN/],
])('%j is bad input', async (options, message) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await main(['bench', narrow, wide, '--backends', 'node/cpu', ...options]);
  const text = written.mock.calls.map(([chunk]) => String(chunk)).join('');
  written.mockRestore();
  expect(text).toMatch(message);
  expect(code).toBe(2);
});

it.each([
  [{ median: 0.5, ciLow: 0.4, ciHigh: 0.625 }, 'A is 2.00× faster [1.60, 2.50]'],
  [{ median: 1.5, ciLow: 1.4, ciHigh: 1.6 }, 'A is 1.50× slower [1.40, 1.60]'],
  [{ median: 1.01, ciLow: 0.9, ciHigh: 1.1 }, 'no difference'],
  [null, 'too fast for the clock'],
])('the ratio %j reads as “%s”', (ratio, text) => {
  expect(speedText(ratio)).toBe(text);
});
