import { encodeModel } from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../fixtures/backends.js';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { verify } from './verify.js';

const model = modelOf({
  inputs: { x: ['float32', [2]] },
  outputs: { y: ['float32', [2]] },
  initializers: { one: floats([2], [1, 1]) },
  nodes: [nodeOf('Add', ['x', 'one'], 'y')],
});
const models = [{ path: 'add.onnx', source: { bytes: encodeModel(model) } }];

/** The backend as one whose clock has steps of 0.1 ms. */
function coarse(backend: Backend): Backend {
  return {
    ...backend,
    probe: async () => {
      const found = await backend.probe();
      return found.available ? { ...found, clockResolutionMs: 0.1 } : found;
    },
  };
}

describe('times of a verification', () => {
  it('for latency are single runs, and of several where the clock is coarse', async () => {
    const backends = [cpuBackend(), coarse(cpuBackend('chromium/wasm'))];
    const { timings, backends: rows } = await verify({ models, backends, baseline: 'node/cpu', runs: 5 });
    expect(rows.map(({ clockResolutionMs }) => clockResolutionMs)).toEqual([expect.any(Number), 0.1]);
    expect(rows[0]?.clockResolutionMs).toBeLessThan(0.1);
    const [fine, rough] = timings;
    expect(fine).toMatchObject({ mode: 'latency', outputs: 'host', runsPerSample: 1, runsPerSecond: null });
    const { runsPerSample = 0, medianMs, runs } = rough;
    // A sample lasts a hundred steps of the clock.
    expect(runsPerSample * (medianMs ?? 0)).toBeGreaterThan(2);
    expect(runs).toBeGreaterThanOrEqual(5 * runsPerSample);
  });

  it('for throughput are runs a second, of runs back to back', async () => {
    const { timings } = await verify({
      models,
      backends: [cpuBackend()],
      baseline: 'node/cpu',
      mode: 'throughput',
      runs: 5,
    });
    const { mode, medianMs, runsPerSample, runsPerSecond } = timings[0];
    expect(mode).toBe('throughput');
    expect(runsPerSample).toBeGreaterThan(1);
    expect(runsPerSecond?.median).toBeCloseTo(1000 / (medianMs ?? 0), 6);
    expect(runsPerSecond?.ciLow).toBeLessThanOrEqual(runsPerSecond?.median ?? 0);
    expect(runsPerSecond?.ciHigh).toBeGreaterThanOrEqual(runsPerSecond?.median ?? 0);
  });
});
