/** A backend that dies or hangs in the middle of a verification is one `failed` row; everything else is complete. */
import { spawnSync } from 'node:child_process';
import { encodeModel, recipeModel } from '@rheobase/exporter';
import { exitCodeOf, type VerifyEvent, verify } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';

const model = { path: 'mnist-mlp.onnx', source: { bytes: encodeModel(recipeModel('mnist-mlp')) } };

/** Windows has neither `ps` nor SIGSTOP. */
const isWindows = process.platform === 'win32';
const unless = isWindows ? ' (skipped: Windows has no POSIX signals)' : '';

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

describe.skipIf(isWindows)(`a backend killed in mid-run${unless}`, () => {
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

describe.skipIf(isWindows)(`a backend killed while it is profiled${unless}`, () => {
  it('is asked once more where its nodes run', async () => {
    const backends = ['node/cpu', 'node/wasm'].map((id) => nodeBackend(id));
    let killed = 0;
    const onEvent = (event: VerifyEvent): void => {
      if (event.kind !== 'examining' || event.what !== 'placement') return;
      for (const pid of processesOf('node/wasm')) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
    };
    try {
      const report = await verify({ models: [model], backends, baseline: 'node/cpu', runs: 0, onEvent });
      expect(killed).toBe(1);
      expect(report.verdict).toBe('agree');
      expect(report.backends[1]).toMatchObject({ status: 'ran', placementNote: null });
      expect(report.backends[1].placement.length).toBeGreaterThan(0);
    } finally {
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });
});

describe.skipIf(isWindows)(`a backend that hangs${unless}`, () => {
  const stop = (): number => {
    const pids = processesOf('node/wasm');
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return pids.length;
  };

  it('in mid-run is a failed row that says after how long and what to do, and the others go on', async () => {
    const backends = [
      nodeBackend('node/cpu'),
      nodeBackend('node/wasm'),
      { ...nodeBackend('node/cpu'), id: 'other/cpu' },
    ];
    let stopped = 0;
    const onEvent = (event: VerifyEvent): void => {
      if (event.kind === 'timing' && stopped === 0) stopped = stop();
    };
    try {
      const session = { timeoutMs: 8000 };
      const report = await verify({ models: [model], backends, baseline: 'node/cpu', runs: 5, session, onEvent });
      expect(stopped).toBe(1);
      expect([report.verdict, exitCodeOf(report)]).toEqual(['incomplete', 3]);
      expect(report.backends.map(({ status }) => status)).toEqual(['ran', 'failed', 'ran']);
      expect(report.backends[1].reason).toMatch(
        /^timeout: node\/wasm \w+: took longer than 8 s and was ended; allow more/,
      );
      expect(report.comparisons.map(({ backend, verdict }) => [backend, verdict])).toEqual([
        ['node/wasm', 'agree'],
        ['other/cpu', 'agree'],
      ]);
      expect(report.timings.map(({ backend }) => backend)).toContain('other/cpu');
      expect(processesOf('node/wasm')).toEqual([]);
    } finally {
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });

  it('from the start is a failed row, and no reason to wait for longer than its time', async () => {
    const backends = [nodeBackend('node/cpu'), nodeBackend('node/wasm', { startTimeoutMs: 4000 })];
    const watch = setInterval(() => stop() > 0 && clearInterval(watch), 20);
    try {
      const report = await verify({ models: [model], backends, baseline: 'node/cpu', runs: 0 });
      expect([report.verdict, exitCodeOf(report)]).toEqual(['incomplete', 3]);
      expect(report.backends[1]).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(
          /^timeout: took longer than 4 s and was ended; allow more time \(timeoutMs; on the command line --timeout/,
        ),
      });
    } finally {
      clearInterval(watch);
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });
});
