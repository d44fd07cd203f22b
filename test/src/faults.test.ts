/** A backend that dies in the middle of a verification is one `failed` row; everything else is complete. */
import { spawnSync } from 'node:child_process';
import { encodeModel, recipeModel } from '@rheobase/exporter';
import { type VerifyEvent, verify } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';

const model = { path: 'mnist-mlp.onnx', source: { bytes: encodeModel(recipeModel('mnist-mlp')) } };

/** Processes of this one's whose command line names a backend. */
function processesOf(backend: string): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .filter(([, , parent, args]) => Number(parent) === process.pid && args.includes(`"${backend}"`))
    .map(([, pid]) => Number(pid));
}

describe.runIf(process.platform !== 'win32')('a backend killed in mid-run', () => {
  it('gives a complete report with one failed row that names the signal', async () => {
    const backends = ['node/cpu', 'node/wasm'].map((id) => nodeBackend(id));
    let killed = 0;
    const onEvent = (event: VerifyEvent): void => {
      if (event.kind !== 'timing' || killed > 0) return;
      for (const pid of processesOf('node/wasm')) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
    };
    try {
      const report = await verify({ models: [model], backends, baseline: 'node/cpu', runs: 20, onEvent });
      expect(killed).toBe(1);
      expect(report.verdict).toBe('incomplete');
      const [cpu, wasm] = report.backends;
      expect(cpu).toMatchObject({ id: 'node/cpu', status: 'ran', reason: null });
      expect(wasm).toMatchObject({ id: 'node/wasm', status: 'failed' });
      expect(wasm.reason).toContain('SIGKILL');
      expect(report.comparisons).toHaveLength(1);
      expect(report.comparisons[0]).toMatchObject({ backend: 'node/wasm', verdict: 'agree' });
      expect(report.timings.find(({ backend }) => backend === 'node/cpu')?.runs).toBeGreaterThanOrEqual(20);
    } finally {
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });
});
