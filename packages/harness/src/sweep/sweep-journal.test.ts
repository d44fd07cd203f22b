/** A sweep that is kept: stopped and begun again it ends as if it had never stopped, and does nothing twice. */
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { cpuBackend, faultyBackend } from '../fixtures/backends.js';
import { type SweepOptions, sweep } from './sweep.js';

const root = mkdtempSync(join(tmpdir(), 'sweep-journal-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const baseline = 'node/cpu';
const selection = { operators: ['Relu', 'Abs', 'Neg'], dtypes: ['float32'], values: ['ordinary'] } as const;

const absForRelu = (model: Model): Model => {
  const nodes = model.graph.nodes.map((node) => (node.opType === 'Relu' ? { ...node, opType: 'Abs' } : node));
  return { ...model, graph: { ...model.graph, nodes } };
};

/** The CPU provider and one that takes Relu for Abs, counting the sessions that are opened on it. */
function contest(): { backends: readonly Backend[]; opened: () => number } {
  const faulty = faultyBackend('node/wasm', absForRelu);
  let opened = 0;
  const counted: Backend = {
    ...faulty,
    open: (...args) => {
      opened += 1;
      return faulty.open(...args);
    },
  };
  return { backends: [cpuBackend(baseline), counted], opened: () => opened };
}

/** Sweeps until so many models are done. */
async function sweepFor(models: number, options: Partial<SweepOptions> = {}) {
  const { backends, opened } = contest();
  const interruption = new AbortController();
  let started = 0;
  const report = await sweep({
    ...{ ...selection, backends, baseline, journal: join(root, 'run'), bundles: join(root, 'run', 'findings') },
    signal: interruption.signal,
    onProgress: ({ phase }) => {
      started += Number(phase === 'sweeping');
      if (started >= models) interruption.abort();
    },
    ...options,
  });
  return { report, opened: opened() };
}

describe('a sweep with a journal', () => {
  it('goes on where it was stopped, and ends like one that was not', async () => {
    const stopped = await sweepFor(4);
    expect(stopped.report).toMatchObject({ complete: false, models: 4 });
    const { report, opened } = await sweepFor(Number.POSITIVE_INFINITY);
    const { report: whole } = await sweepFor(Number.POSITIVE_INFINITY, { journal: join(root, 'other') });
    expect(report).toEqual({ ...whole, environment: report.environment });
    expect(report).toMatchObject({ complete: true, findings: [{ operator: 'Relu', kind: 'value' }] });
    expect(report.findings[0]?.example.inputs[0]?.shape).toEqual([1]);
    expect(stopped.opened + opened).toBeLessThanOrEqual(report.models + 40);
    const again = await sweepFor(Number.POSITIVE_INFINITY);
    expect(again.report).toEqual(report);
    expect(again.opened).toBe(0);
  });

  it('sweeps again a model whose line was cut off', async () => {
    const { report } = await sweepFor(Number.POSITIVE_INFINITY);
    const path = join(root, 'run', 'journal.jsonl');
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    truncateSync(path, lines.slice(0, 3).join('\n').length - 20);
    expect((await sweepFor(Number.POSITIVE_INFINITY)).report).toEqual(report);
    expect((await sweepFor(Number.POSITIVE_INFINITY)).opened).toBe(0);
  });

  it('refuses the journal of other backends', async () => {
    await sweepFor(1);
    const backends = [cpuBackend(baseline), cpuBackend('node/other')];
    await expect(sweepFor(1, { backends })).rejects.toThrow(
      /journal\.jsonl: it has the sweep of other backends, versions or another baseline; name another folder/,
    );
  });
});
