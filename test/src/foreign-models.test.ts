/** Models that others made, through the whole command on every backend: complete JSON, exit code by the verdict. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { VerifyReport } from '@rheobase/harness';
import { afterAll, describe, expect, it } from 'vitest';
import { FIVE_BACKENDS, reasonToSkip } from './backends.js';
import { rheobase, scratchFolder } from './command.js';

/** Five backends, two of them GPUs in software: one minute alone, four on a machine with ten times more work than cores. */
const PATIENCE_MS = 480_000;

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const onnxTests = process.env.RHEOBASE_ONNX_TESTS;
const squeezenet = onnxTests === undefined ? undefined : join(onnxTests, 'light', 'light_squeezenet.onnx');
const silero = join(dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web')), 'silero_vad_v5.onnx');

const missing = (await Promise.all(FIVE_BACKENDS.map(reasonToSkip))).filter((reason) => reason !== null);

async function verified(model: string, ...options: string[]): Promise<{ report: VerifyReport; code: number | null }> {
  const json = join(folder, 'report.json');
  const { code, stderr } = await rheobase(['verify', model, '--json', json, '--runs', '5', ...options]);
  if (!existsSync(json)) throw new Error(stderr);
  return { report: JSON.parse(readFileSync(json, 'utf8')) as VerifyReport, code };
}

function expectComplete({ report, code }: { report: VerifyReport; code: number | null }): void {
  expect(report.schema).toBe('rheobase/verify@1');
  expect(code).toBe({ agree: 0, diverge: 1, incomplete: 3 }[report.verdict]);
  const others = FIVE_BACKENDS.filter((id) => id !== 'node/cpu');
  for (const id of FIVE_BACKENDS) {
    const row = report.backends.find((backend) => backend.id === id);
    expect(row, id).toMatchObject({ status: 'ran', reason: null });
    expect(row?.placement.length, `${id}: ${row?.placementNote}`).toBeGreaterThan(0);
  }
  expect(new Set(report.comparisons.map(({ backend }) => backend))).toEqual(new Set(others));
  expect(new Set(report.timings.map(({ backend }) => backend))).toEqual(new Set(FIVE_BACKENDS));
  expect(report.backends.find(({ id }) => id === 'node/cuda')?.status).toBeDefined();
}

describe.skipIf(missing.length > 0)(missing.length === 0 ? 'verify' : `skipped: ${missing.join('; ')}`, () => {
  const unless = squeezenet === undefined ? ' (skipped: RHEOBASE_ONNX_TESTS is not set)' : '';
  it.skipIf(squeezenet === undefined)(
    `SqueezeNet agrees on every backend${unless}`,
    { timeout: PATIENCE_MS },
    async () => {
      const result = await verified(squeezenet ?? '');
      expectComplete(result);
      expect(result.report.verdict).toBe('agree');
    },
  );

  it('Silero VAD, a speech model with an LSTM and control flow', { timeout: PATIENCE_MS }, async () => {
    const result = await verified(silero);
    expectComplete(result);
  });
});
