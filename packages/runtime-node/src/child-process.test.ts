/** What becomes of calls when a child ends, and of a child when its parent ends; on real processes and real runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bytesOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Backend } from '@rheobase/runtime';
import { remoteBackend } from '@rheobase/runtime/host';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { failure } from '../test/failure.js';
import { endlessFeeds, endlessModel, identityModel, modelBytes } from '../test/models.js';
import { type ChildConnection, startChild } from './child-process.js';
import { nodeBackend } from './node-backend.js';

const endless = { bytes: endlessModel() };
const identity = { bytes: identityModel('float32', [1]) };
const one: Tensor = { dtype: 'float32', shape: [1], data: Float32Array.of(1) };

const toClose: Backend[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((backend) => backend.close()));
});

/** A node/cpu backend whose children the test can see. */
function observed(): { backend: Backend; children: ChildConnection[] } {
  const children: ChildConnection[] = [];
  const connect = async () => {
    const child = startChild({ id: 'node/cpu' });
    children.push(child);
    return child;
  };
  const backend = remoteBackend({ id: 'node/cpu', remedy: null, connect });
  toClose.push(backend);
  return { backend, children };
}

async function runsOnce(backend: Backend): Promise<void> {
  const session = await backend.open(identity);
  expect((await session.run({ x: one })).outputs).toEqual({ y: one });
}

describe('a child', () => {
  it('gives back any tensor bit for bit, on either side of the limit for bulk transfer', async () => {
    const { backend } = observed();
    const session = await backend.open({ bytes: identityModel('int32', ['rows', 'columns']) });
    const extent = fc.oneof(fc.nat(4), fc.integer({ min: 150, max: 230 }));
    await fc.assert(
      fc.asyncProperty(extent, extent, fc.integer(), async (rows, columns, seed) => {
        const data = Int32Array.from({ length: rows * columns }, (_, index) => Math.imul(index + 1, seed));
        const { outputs } = await session.run({ x: { dtype: 'int32', shape: [rows, columns], data } });
        expect(outputs.y?.shape).toEqual([rows, columns]);
        expect(Buffer.compare(Buffer.from(bytesOf(outputs.y ?? one)), Buffer.from(data.buffer))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a child that ends', () => {
  it.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const)('by %s in the middle of a run fails that run', async (signal) => {
    const { backend, children } = observed();
    const session = await backend.open(endless);
    const run = failure(session.run(endlessFeeds()));
    await sleep(300);
    process.kill(children[0]?.pid ?? 0, signal);
    const error = await run;
    expect(error.code).toBe('crashed');
    expect(error.message).toMatch(`node/cpu run: its process was ended by ${signal}`);
    // Its other calls fail the same way, and the next session starts afresh.
    expect((await failure(session.run(endlessFeeds()))).code).toBe('crashed');
    await session.close();
    await runsOnce(backend);
    expect(children).toHaveLength(2);
  });

  it('between two calls fails neither', async () => {
    const { backend, children } = observed();
    await runsOnce(backend);
    process.kill(children[0]?.pid ?? 0, 'SIGKILL');
    await children[0]?.ended;
    await runsOnce(backend);
    expect(children).toHaveLength(2);
  });

  it('by its own abort fails the run with the reason it printed', async () => {
    const backend = nodeBackend('node/cpu');
    toClose.push(backend);
    // onnxruntime-node 1.30 cannot give an int4 output to V8.
    const int4 = modelBytes({
      inputs: { x: ['float32', [5]] },
      outputs: { y: ['int4', [5]] },
      nodes: [['Cast', ['x'], ['y'], { ints: { to: 22 } }]],
    });
    const session = await backend.open({ bytes: int4 });
    const error = await failure(session.run({ x: { dtype: 'float32', shape: [5], data: new Float32Array(5) } }));
    expect(error.code).toBe('crashed');
    expect(error.message).toMatch(/ended by SIGABRT: FATAL ERROR: .*ArrayBuffer.*Allocation failed/);
    await runsOnce(backend);
  });

  it('by exiting is told with its code and its last words', async () => {
    const connect = async () => startChild({ id: 'node/cpu', env: { NODE_OPTIONS: '--require=/no/such/file.cjs' } });
    const backend = remoteBackend({ id: 'node/cpu', remedy: null, connect });
    const error = await failure(backend.open(identity));
    expect(error.code).toBe('crashed');
    expect(error.message).toMatch(
      "node/cpu open: its process exited with code 1: Error: Cannot find module '/no/such/file",
    );
    expect(await backend.probe()).toMatchObject({
      available: false,
      reason: expect.stringMatching('exited with code 1'),
    });
  });

  it('because nobody could start it is told as crashed', async () => {
    const { execPath } = process;
    process.execPath = '/no/such/node';
    const backend = nodeBackend('node/cpu');
    const opened = failure(backend.open(identity));
    process.execPath = execPath;
    expect(await opened).toMatchObject({
      code: 'crashed',
      message: expect.stringMatching(/cannot be started.*ENOENT/),
    });
    await runsOnce(backend);
    toClose.push(backend);
  });

  it('leaves the calls of other backends alone', async () => {
    const doomed = observed();
    const other = observed();
    const session = await doomed.backend.open(endless);
    const run = failure(session.run(endlessFeeds()));
    const session2 = await other.backend.open(identity);
    process.kill(doomed.children[0]?.pid ?? 0, 'SIGKILL');
    await run;
    expect((await session2.run({ x: one })).outputs).toEqual({ y: one });
  });
});

describe('a call that takes too long', () => {
  it('is ended with its process, and the next session works', async () => {
    const { backend, children } = observed();
    await runsOnce(backend);
    const session = await backend.open(endless, { timeoutMs: 5000 });
    const start = performance.now();
    const error = await failure(session.run(endlessFeeds()));
    expect(error).toMatchObject({ code: 'timeout' });
    expect(error.message).toMatch('node/cpu run: took longer than 5 s and was ended');
    // The run itself would take a minute and more.
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(isAlive(children[0]?.pid ?? 0)).toBe(false);
    await runsOnce(backend);
  });

  it('does not count the time that it waited for its turn', async () => {
    const { backend } = observed();
    const slow = await backend.open(endless, { timeoutMs: 60_000 });
    const quick = await backend.open(identity, { timeoutMs: 3000 });
    // The quick one stands in line for longer than its three seconds; only being closed ends it.
    const line = Promise.allSettled([slow.run(endlessFeeds()), quick.run({ x: one })]);
    await sleep(4500);
    await backend.close();
    const [, second] = await line;
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'crashed' } });
  });
});

const isWindows = process.platform === 'win32';
const unless = isWindows ? ' (skipped: Windows has no SIGSTOP)' : '';

describe.skipIf(isWindows)(`a child that is there and does not answer${unless}`, () => {
  /** Stopped as by a debugger or a frozen container: alive, and deaf to everything but SIGKILL. */
  function stopped(startTimeoutMs: number): { backend: Backend; children: ChildConnection[] } {
    const children: ChildConnection[] = [];
    const connect = async () => {
      const child = startChild({ id: 'node/cpu' });
      if (children.length === 0) process.kill(child.pid ?? 0, 'SIGSTOP');
      children.push(child);
      return child;
    };
    const backend = remoteBackend({ id: 'node/cpu', remedy: null, connect, startTimeoutMs });
    toClose.push(backend);
    return { backend, children };
  }

  it('from the start is told by the probe, ended, and started anew by the next call', async () => {
    const { backend, children } = stopped(1000);
    expect(await backend.probe()).toEqual({
      available: false,
      timedOut: true,
      reason: 'took longer than 1 s and was ended',
      remedy: expect.stringContaining('--timeout'),
    });
    expect(isAlive(children[0]?.pid ?? 0)).toBe(false);
    await runsOnce(backend);
  });

  it('from the start fails a load that nobody probed for', async () => {
    const { backend, children } = stopped(60_000);
    const error = await failure(backend.open(identity, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('node/cpu open') });
    expect(isAlive(children[0]?.pid ?? 0)).toBe(false);
  });

  it('in the middle of a run fails that run', async () => {
    const { backend, children } = observed();
    await runsOnce(backend);
    const session = await backend.open(endless, { timeoutMs: 5000 });
    const run = failure(session.run(endlessFeeds()));
    await sleep(300);
    process.kill(children[0]?.pid ?? 0, 'SIGSTOP');
    expect(await run).toMatchObject({ code: 'timeout', message: expect.stringContaining('node/cpu run: took longer') });
    expect(isAlive(children[0]?.pid ?? 0)).toBe(false);
    await runsOnce(backend);
  });

  it('because its connector never connects is given up, and a connection that comes late is ended', async () => {
    let child: ChildConnection | undefined;
    const connect = async () => {
      await sleep(1500);
      child = startChild({ id: 'node/cpu' });
      return child;
    };
    const backend = remoteBackend({ id: 'node/cpu', remedy: null, connect, startTimeoutMs: 200 });
    expect(await failure(backend.open(identity))).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('node/cpu start: did not start within 200 ms and was ended'),
    });
    await sleep(1600);
    expect(await isGone(child?.pid ?? 0)).toBe(true);
  });
});

describe('a parent that ends', () => {
  const parentScript = fileURLToPath(new URL('../test/parent.mjs', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'parent-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(bytes: Uint8Array, mode: 'idle' | 'busy') {
    const path = join(folder, `${mode}.onnx`);
    writeFileSync(path, bytes);
    // Scratch folders of its own: other tests make and remove theirs at the same time.
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
    const parent = spawn(process.execPath, [parentScript, path, mode], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const printed = { stdout: '', stderr: '' };
    parent.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.stdout += text;
    });
    parent.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed.stderr += text;
    });
    await once(parent.stdout, 'data');
    return { parent, printed, childPid: Number(printed.stdout) };
  }

  it('is not kept alive by an idle child, which follows it and prints nothing of its own', async () => {
    const { parent, printed, childPid } = await start(identity.bytes, 'idle');
    const [code] = await ended(parent);
    expect(code).toBe(0);
    expect(printed).toEqual({ stdout: `${childPid}\n`, stderr: '' });
    expect(await isGone(childPid)).toBe(true);
  });

  it('by SIGKILL takes a child with it that is inside a native call', async () => {
    const { parent, childPid } = await start(endless.bytes, 'busy');
    await sleep(500);
    expect(isAlive(childPid)).toBe(true);
    expect(scratchFolders(folder)).not.toEqual([]);
    parent.kill('SIGKILL');
    await ended(parent);
    expect(await isGone(childPid)).toBe(true);
    expect(scratchFolders(folder)).toEqual([]);
  });
});

function ended(child: ChildProcess): Promise<unknown[]> {
  return once(child, 'close');
}

function scratchFolders(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('rheobase-'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (!isAlive(pid)) return true;
    await sleep(100);
  }
  return false;
}
