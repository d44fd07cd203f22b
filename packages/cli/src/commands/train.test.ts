import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel, constant, input, modelInfo, op, random, type Tensor, tensorOf } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import { encodeNpz } from '@rheobase/runtime/files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const folder = mkdtempSync(join(tmpdir(), 'rheobase-train-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await main(args);
  const text = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  const result = { code, out: text(out), err: text(err) };
  out.mockRestore();
  err.mockRestore();
  return result;
}

const { uniform } = random(1);

/** Points whose class is the largest of their three coordinates, as a table. */
function table(count: number): string {
  const rows = Array.from({ length: count }, () => {
    const point = [uniform(), uniform(), uniform()];
    return [
      ...point.map((x) => (x * 100 + 50).toFixed(3)),
      ['red', 'green', 'blue'][point.indexOf(Math.max(...point))],
    ];
  });
  return ['r,g,b,colour', ...rows.map((row) => row.join(','))].join('\n');
}

beforeAll(async () => {
  await writeFile(at('colours.csv'), table(600));
  await writeFile(at('tested.csv'), table(200));
  const noise = (shape: readonly number[]): Tensor<'float32'> => ({
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: shape[0] * shape[1] }, () => uniform() - 0.5),
  });
  const x = input('features', 'float32', ['N', 3]);
  const hidden = op.relu(op.gemm(x, constant(noise([16, 3]), 'fc1.weight'), undefined, { transB: true }));
  const y = op.gemm(hidden, constant(noise([3, 16]), 'fc2.weight'), undefined, { transB: true });
  await writeModelFile(at('foreign.onnx'), buildModel({ inputs: [x], outputs: { logits: y }, opset: 13 }));
  const count = 400;
  const points = Float32Array.from({ length: count * 3 }, () => uniform());
  const labels = BigInt64Array.from({ length: count }, (_, row) => {
    const point = Array.from(points.subarray(row * 3, row * 3 + 3));
    return BigInt(point.indexOf(Math.max(...point)));
  });
  await writeFile(
    at('points.npz'),
    encodeNpz({
      x: { dtype: 'float32', shape: [count, 3], data: points },
      y: { dtype: 'int64', shape: [count], data: labels },
    }),
  );
  const layers = `import { dense, sparseActivation } from '@rheobase/exporter';
    export default () => [dense(16, { activation: 'relu' }), sparseActivation({ threshold: 0.1 }), dense(3, { activation: 'softmax' })];`;
  await writeFile(at('layers.mjs'), layers.replace('@rheobase/exporter', import.meta.resolve('@rheobase/exporter')));
});

describe('rheobase train', () => {
  it('trains a recipe and writes model and log', async () => {
    const { code, out } = await run(
      ...['train', 'mnist-mlp', '--limit', '1600', '--epochs', '2', '-o', at('d.onnx'), '--json', at('d.json')],
    );
    expect(code).toBe(0);
    const log = JSON.parse(await readFile(at('d.json'), 'utf8'));
    expect(log).toMatchObject({ schema: 'rheobase/train@1', recipe: 'mnist-mlp', backend: 'node/cpu', seed: 0 });
    expect(log.epochs.map(({ epoch }: { epoch: number }) => epoch)).toEqual([1, 2]);
    expect(log.test.accuracy).toBeGreaterThan(0.8);
    expect(Object.keys(log.sparsity)).toEqual(['sparse_activation']);
    expect(log.thetas).toEqual({ sparse_activation: 0.2 });
    expect(log.msPerStep).toBeGreaterThan(0);
    expect(out).toContain('test accuracy');
    const { metadata } = await readModelFile(at('d.onnx'));
    expect(metadata).toMatchObject({ recipe: 'mnist-mlp', 'training.epochs': '2', 'training.examples': '1600' });
    expect(metadata['training.dataSha256']).toMatch(/^[0-9a-f]{64}$/);
  }, 60_000);

  it('trains layers of one’s own on a table with names as classes', async () => {
    const options = ['--data', at('colours.csv'), '--label-column', 'colour', '--test', at('tested.csv')];
    const training = ['--normalize', '--epochs', '30', '--learning-rate', '0.01', '--schedule', 'cosine'];
    const { code } = await run(
      'train',
      at('layers.mjs'),
      ...options,
      ...training,
      '-o',
      at('c.onnx'),
      '--json',
      at('c.json'),
    );
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(at('c.json'), 'utf8')).test.accuracy).toBeGreaterThan(0.9);
    const { metadata } = await readModelFile(at('c.onnx'));
    expect(JSON.parse(metadata.classes)).toEqual(['blue', 'green', 'red']);
  }, 60_000);

  it('fine-tunes a model and leaves its interface as it is', async () => {
    const training = ['--optimizer', 'adamw', '--learning-rate', '0.02', '--epochs', '20', '--clip-norm', '1'];
    const { code } = await run(
      ...['train', at('foreign.onnx'), '--data', at('points.npz'), '--test-split', '0.25', ...training],
      ...['-o', at('tuned.onnx'), '--json', at('tuned.json')],
    );
    expect(code).toBe(0);
    const log = JSON.parse(await readFile(at('tuned.json'), 'utf8'));
    expect(log.test.accuracy).toBeGreaterThan(0.85);
    const [before, after] = [await readModelFile(at('foreign.onnx')), await readModelFile(at('tuned.onnx'))];
    expect(modelInfo(after)).toEqual(modelInfo(before));
  }, 60_000);

  it('prunes to exact zeros, and learns from a teacher', async () => {
    const data = ['--data', at('points.npz'), '--learning-rate', '0.02', '--epochs', '10'];
    const { code } = await run(
      ...['train', at('foreign.onnx'), ...data, '--teacher', at('tuned.onnx'), '--alpha', '0.2', '--temperature', '2'],
      ...['--prune', '0.5', '--rounds', '2', '--rewind', '3', '-o', at('pruned.onnx'), '--json', at('pruned.json')],
    );
    expect(code).toBe(0);
    const { weights, test } = JSON.parse(await readFile(at('pruned.json'), 'utf8'));
    expect(weights.sparsity).toBeCloseTo(0.5, 2);
    expect(test.accuracy).toBeGreaterThan(0.7);
    const { graph } = await readModelFile(at('pruned.onnx'));
    const all = graph.initializers.flatMap((one) => Array.from(tensorOf(one).data as Float32Array));
    expect(all.filter((value) => value === 0)).toHaveLength(48);
  }, 60_000);

  it.each<[string, string[], RegExp]>([
    ['an unknown recipe', ['mnist-mlpp'], /no recipe is called "mnist-mlpp"; choose mnist-mlp,/],
    ['a missing model', ['none.onnx'], /none\.onnx: there is no such file/],
    [
      'data of another size',
      ['mnist-mlp', '--data', at('points.npz')],
      /training data: its examples are \[3\] \(3 numbers\), the model takes \[784\]/,
    ],
    [
      'a teacher of another size',
      [at('foreign.onnx'), '--data', at('points.npz'), '--teacher', at('d.onnx')],
      /teacher: takes \[784\], the data are \[3\]/,
    ],
    [
      'decay that adam does not have',
      ['mnist-mlp', '--weight-decay', '0.1', '--limit', '10'],
      /--weight-decay: adam has no weight decay/,
    ],
    ['no epochs', ['mnist-mlp', '--epochs', '0', '--limit', '10'], /--epochs: takes a number above 0/],
    [
      'a share of everything',
      [at('foreign.onnx'), '--data', at('points.npz'), '--prune', '1'],
      /a share of 1 to prune; choose one between/,
    ],
    [
      'a rate that breaks it',
      [at('foreign.onnx'), '--data', at('points.npz'), '--optimizer', 'sgd', '--learning-rate', '1e30'],
      /the loss is (NaN|Infinity) at step \d+ \(epoch 1\)/,
    ],
  ])(
    '%s is one line and exit code 2',
    async (_name, args, message) => {
      const { code, err } = await run('train', ...args);
      expect(err.trimEnd().split('\n').at(-1)).toMatch(message);
      expect(code).toBe(2);
    },
    60_000,
  );
});

const BIN = fileURLToPath(new URL('../../bin/rheobase.js', import.meta.url));

/** The real command in a process of its own; `during` may end it. */
function child(
  command: string,
  args: readonly string[],
  during: (kill: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  return new Promise<{ code: number | null; err: string }>((resolve) => {
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    let isThrough = false;
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      // A second Ctrl-C would end it at once.
      if (!isThrough && /epoch (?!1 )\d+ of/.test(text)) {
        isThrough = true;
        during((signal) => started.kill(signal));
      }
    });
    started.on('close', (code) => resolve({ code, err }));
  });
}

describe('what an end in between leaves', () => {
  const args = (checkpoint: string, epochs: number) => [
    BIN,
    'train',
    at('foreign.onnx'),
    '--data',
    at('points.npz'),
    '--epochs',
    String(epochs),
    '--checkpoint',
    checkpoint,
  ];

  it('Ctrl-C: a checkpoint, from which the same command goes on', async () => {
    const command = args(at('stopped.npz'), 3000);
    const stopped = await child(process.execPath, command, (kill) => kill('SIGINT'));
    expect(stopped.code).toBe(0);
    expect((await readFile(at('stopped.npz'))).length).toBeGreaterThan(100);
    const resumed = await child(process.execPath, command, (kill) => kill('SIGINT'));
    expect(resumed.err).not.toMatch(/epoch 1 of/);
    expect(resumed.code).toBe(0);
  }, 120_000);

  it.runIf(process.platform === 'linux')(
    'no room for a checkpoint: the former one, whole',
    async () => {
      const path = at('full.npz');
      expect((await child(process.execPath, args(path, 2))).code).toBe(0);
      const former = await readFile(path);
      // No file may grow beyond 512 bytes, as on a disk with no more room.
      const limited = ['-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', 'sh', process.execPath, ...args(path, 4)];
      const failed = await child('sh', limited);
      expect(failed.code).not.toBe(0);
      expect(await readFile(path)).toEqual(former);
      expect((await child(process.execPath, args(path, 4))).code).toBe(0);
    },
    120_000,
  );
});
