import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '@rheobase/exporter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpuBackend, faultyBackend, missingBackend } from '../fixtures/backends.js';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { verify } from '../verify/verify.js';
import { renderHtml } from './html/render-html.js';
import { renderJUnit } from './junit.js';
import { renderMarkdown } from './markdown.js';
import { renderTerminal } from './terminal.js';
import type { VerifyReport } from './verify-report.js';
import { renderJson, writeHtml, writeJson } from './write-report.js';

const HOSTILE = '<script>alert("x")</script>\u001b[2J';

const addition = (addend: number) =>
  modelOf({
    inputs: { x: ['float32', [2]] },
    outputs: { [HOSTILE]: ['float32', [2]] },
    initializers: { one: floats([2], [addend, 1]) },
    // ONNX Runtime does not escape node names in its profile, so a hostile one costs the placement.
    nodes: [nodeOf('Add', ['x', 'one'], HOSTILE, [], 'add <b>')],
  });

let report: VerifyReport;

beforeAll(async () => {
  report = await verify({
    models: [{ path: `${HOSTILE}.onnx`, source: { bytes: encodeModel(addition(1)) } }],
    backends: [
      cpuBackend(),
      cpuBackend('chromium/webgpu'),
      faultyBackend('faulty/cpu', () => addition(2)),
      missingBackend('node/cuda'),
    ],
    baseline: 'node/cpu',
    runs: 10,
  });
});

/** The same report with one backend's row changed. */
const withBackend = (id: string, change: Partial<VerifyReport['backends'][number]>): VerifyReport => ({
  ...report,
  backends: report.backends.map((row) => (row.id === id ? { ...row, ...change } : row)),
});

describe('the terminal report', () => {
  it('shows a row per backend with agreement, placement, time and ratio, and the verdict', () => {
    const text = renderTerminal(report, { columns: 200 });
    const lineOf = (start: string) => text.split('\n').find((line) => line.startsWith(start));
    expect(lineOf('node/cpu')).toMatch(/baseline +1 CPU +[\d.]+ µs \[[\d.]+, [\d.]+\]$/);
    expect(lineOf('chromium/webgpu')).toMatch(/identical +1 CPU +\S+ µs \[.*\] +(no difference|\S+× (faster|slower))$/);
    expect(lineOf('faulty/cpu')).toMatch(/DIVERGE 1\/1/);
    expect(text).toMatch(/node\/cuda unavailable: no such driver; install one/);
    expect(text).toMatch(/1 of 2 elements out of tolerance \(largest difference 1\); first at add <b> \(Add\)/);
    expect(text).toMatch(/verdict diverge: 1 of 2 comparisons with node\/cpu\n$/);
  });

  it.each([80, 100, 140])('keeps to %d columns, also with software adapters, fallbacks and slow runs', (columns) => {
    const node = { model: report.models[0]?.path ?? '', node: 'n', opType: 'Add', provider: 'WebGpuExecutionProvider' };
    const elsewhere = { ...node, provider: 'CPUExecutionProvider' };
    const crowded = withBackend('chromium/webgpu', {
      software: true,
      fallbacks: 13,
      placement: [...Array.from({ length: 94 }, () => node), ...Array.from({ length: 13 }, () => elsewhere)],
    });
    const slow = {
      medianMs: 1384.1,
      ciLowMs: 1101.5,
      ciHighMs: 1810,
      ratioToBaseline: { median: 1384, ciLow: 900, ciHigh: 2010 },
    };
    const timings = crowded.timings.map((row) => (row.backend === 'chromium/webgpu' ? { ...row, ...slow } : row));
    const text = renderTerminal({ ...crowded, timings }, { columns });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(text).toContain('1384× slower');
    expect(text).toContain('[1.10, 1.81]');
    expect(text).toMatch(/94 WebGpu(, 13 CPU| \+13)/);
  });

  it('names a software adapter as such', () => {
    const text = renderTerminal(withBackend('chromium/webgpu', { software: true, device: 'SwiftShader' }), {
      columns: 200,
    });
    expect(text).toMatch(/^chromium\/webgpu \* /m);
    expect(text).toMatch(
      /\* chromium\/webgpu runs on the software adapter SwiftShader: its times say nothing of a GPU/,
    );
  });

  it('lets no control character of a model through, and colours only when asked', () => {
    expect(renderTerminal(report)).not.toContain('\u001b');
    expect(renderTerminal(report, { color: true })).toContain('\u001b[31mDIVERGE 1/1');
    expect(renderTerminal(report, { color: true })).not.toContain('\u001b[2J');
  });
});

describe('the HTML report', () => {
  it('stands alone: no script, nothing from the network', () => {
    const page = renderHtml(report);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/i);
  });

  it('escapes whatever comes from a model', () => {
    expect(renderHtml(report)).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(renderHtml(report)).not.toContain('\u001b');
  });

  it('shows the matrix, the intervals drawn, and every backend', () => {
    const page = renderHtml(report);
    expect(page.match(/<td class="backend">/g)).toHaveLength(4);
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    expect(page).toMatch(/aria-label="Median run times with 95 % intervals: node\/cpu [\d.]+ µs, chromium\/webgpu/);
    expect(page).toMatch(/aria-label="Elements by difference: equal: 1, 1e-?\d: 1"/);
    expect(page).toContain('<span class="badge big diverge">diverge</span>');
    expect(page).toContain('no such driver; install one');
    expect(page).toContain('(Add)');
  });

  it('draws the node that the difference starts at among its neighbours', () => {
    const page = renderHtml(report);
    expect(page).toMatch(/<svg class="graph"[^>]*aria-label="Nodes around/);
    expect(page).toMatch(/<g class="node blamed"><title>add &lt;b&gt;<\/title>/);
  });

  it('of several models has a page for each, and one that leads to them', () => {
    const [first] = report.models;
    const second = { ...first, path: 'b<i>.onnx' };
    const html = renderHtml({ ...report, models: [first, second] });
    const links = Array.from(html.matchAll(/href="#([\w-]+)"/g), ([, id]) => id);
    expect(new Set(links)).toEqual(new Set(['overview', 'model-1', 'model-2']));
    for (const id of links) expect(html).toContain(`id="${id}"`);
    expect(html).toContain('<a href="#model-2">b&lt;i&gt;.onnx</a>');
    expect(renderHtml(report)).not.toContain('href="#');
  });

  it('shortens names that would fill the page', () => {
    const long = `start-${'x'.repeat(500)}-end`;
    const html = renderHtml({ ...report, comparisons: report.comparisons.map((row) => ({ ...row, output: long })) });
    expect(html).toMatch(/<span title="start-x+-end">start-x{1,60}…x+-end<\/span>/);
  });

  it('tells throughput as runs a second, and a clock that is too coarse for a run', () => {
    const timed = (change: Partial<VerifyReport['timings'][number]>): VerifyReport => ({
      ...withBackend('node/cpu', { clockResolutionMs: 0.1 }),
      timings: report.timings.map((row) => ({ ...row, ...change })),
    });
    const rate = { median: 2430, ciLow: 2330, ciHigh: 2490 };
    const throughput = timed({ mode: 'throughput', runsPerSecond: rate, runsPerSample: 60 });
    const coarse = timed({ mode: 'latency', runsPerSample: 60 });
    for (const render of [renderHtml, renderMarkdown, (one: VerifyReport) => renderTerminal(one, { columns: 300 })]) {
      expect(render(throughput).replaceAll('\\', '')).toMatch(/2,430 runs\/s \[2,330, 2,490\]/);
      expect(render(throughput)).not.toContain('the clock of');
      expect(render(coarse)).toMatch(
        /the clock of node\/cpu has steps of 100 µs: a sample is the mean of up to 60 runs/,
      );
    }
  });

  it('suits narrow screens and both colour schemes', () => {
    const page = renderHtml(report);
    expect(page).toContain('name="viewport"');
    expect(page).toContain('prefers-color-scheme: dark');
  });
});

describe('JUnit XML', () => {
  it('has a test case per comparison and backend, and counts what went wrong', () => {
    const xml = renderJUnit(report);
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="rheobase verify" tests="6" failures="1" errors="0" skipped="1">/,
    );
    expect(xml.match(/<testcase /g)).toHaveLength(6);
    expect(xml).toMatch(
      /<failure message="[^"]*1 of 2 elements out of tolerance[^"]*">[^<]*first at add &lt;b&gt; \(Add\)<\/failure>/,
    );
    expect(renderJUnit(withBackend('node/cuda', { required: true }))).toContain('errors="1" skipped="0"');
  });

  it('is well-formed whatever a model is called', () => {
    const xml = renderJUnit({
      ...report,
      models: report.models.map((row) => ({ ...row, path: '\u0000\ud800]]>"&\n' })),
    });
    expect(renderJUnit(report)).not.toContain('<script>');
    expect(xml).toContain('<testsuite name="\ufffd\ufffd]]&gt;&quot;&amp;&#10;"');
  });
});

describe('the Markdown summary', () => {
  const text = (name: string) =>
    renderMarkdown({
      ...report,
      models: report.models.map((row) => ({ ...row, path: name })),
      comparisons: report.comparisons.map((row) => ({ ...row, model: name, output: name })),
    });

  it('shows verdict, matrix and divergences', () => {
    const summary = renderMarkdown(report);
    expect(summary).toMatch(/^## ❌ rheobase verify: diverge\n\n1 of 2 comparisons with node\/cpu\n/);
    expect(summary).toMatch(/^\| faulty\/cpu \| ❌ diverge 1\/1 \|/m);
    expect(summary).toMatch(/^- \*\*node\/cuda\*\* unavailable: no such driver; install one$/m);
  });

  it('takes model text for text: no table, tag, link or mention comes of it', () => {
    const summary = text('a|b <img src=x> [l](https://x.y) @who `c`\n# h **b**\u001b[2J');
    expect(summary).toContain(
      '### a\\|b &lt;img src=x&gt; \\[l\\]\\(https:\u200b//x.y\\) @\u200bwho \\`c\\` \\# h \\*\\*b\\*\\*',
    );
    for (const live of ['\n# h', '<img', '\u001b']) expect(summary).not.toContain(live);
    for (const line of summary.split('\n').filter((one) => one.startsWith('|'))) {
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(6);
    }
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'harness-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('JSON reads back as the report', async () => {
    expect(JSON.parse(renderJson(report))).toEqual(report);
    await writeJson(join(folder, 'report.json'), report);
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report);
  });

  it('HTML is written as rendered', async () => {
    await writeHtml(join(folder, 'report.html'), report);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderHtml(report));
  });

  it('a place that cannot be written is named', async () => {
    await expect(writeJson(join(folder, 'nowhere/report.json'), report)).rejects.toMatchObject({
      code: 'bad-input',
      where: join(folder, 'nowhere/report.json'),
    });
  });
});
