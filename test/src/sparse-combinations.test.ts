/** Sparsity on top of what else makes a network smaller: pruned weights, a student of a teacher, weights of 8 bits. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildModel,
  constant,
  dense,
  encodeModel,
  input,
  type Model,
  op,
  random,
  sequential,
  type Tensor,
  type Value,
} from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { VerifyReport } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { executeSparsely, findProducts, samplesFrom, sparsify } from '@rheobase/sparsifier';
import { adam, fit, prune, sparseCategoricalCrossentropy, tensorDataset } from '@rheobase/trainer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIVE_BACKENDS, reasonToSkip } from './backends.js';
import { rheobase, scratchFolder } from './command.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const folder = scratchFolder();
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await backend.close();
});

const [SAMPLES, FEATURES, HIDDEN, CLASSES] = [400, 16, 48, 4];
const draw = random(8, 'combinations');
const normal = () => Array.from({ length: 6 }, draw.uniform).reduce((sum, value) => sum + value, -3);
const centres = Array.from({ length: CLASSES * FEATURES }, normal);
const classes = Array.from({ length: SAMPLES }, (_, sample) => sample % CLASSES);
const x: Tensor<'float32'> = {
  dtype: 'float32',
  shape: [SAMPLES, FEATURES],
  data: Float32Array.from(
    classes.flatMap((own) => Array.from({ length: FEATURES }, (_, f) => (centres[own * FEATURES + f] ?? 0) + normal())),
  ),
};
const labels = BigInt64Array.from(classes, BigInt);
const data = tensorDataset(x, { dtype: 'int64', shape: [SAMPLES], data: labels });
const samples = samplesFrom({ x });
const options = {
  ...{ backend, epochs: 6, batchSize: 20, seed: 3, optimizer: adam(), learningRate: 0.01 },
  loss: sparseCategoricalCrossentropy(),
};
const layers = (hidden: number) => sequential([dense(hidden, { activation: 'relu' }), dense(CLASSES)]);
const NAMES = { batch: 'batch', inputName: 'x', outputName: 'scores' };

async function scoresOf(model: Model): Promise<Float32Array> {
  const session = await backend.open({ bytes: encodeModel(model) }, { threads: 1 });
  const { outputs } = await session.run({ x });
  await session.close();
  return outputs.scores?.data as Float32Array;
}

/** Counted here, not by what is tested. */
async function accuracyOf(model: Model): Promise<number> {
  const scores = await scoresOf(model);
  const right = classes.filter((own, sample) => {
    const row = Array.from(scores.subarray(sample * CLASSES, (sample + 1) * CLASSES));
    return row.indexOf(Math.max(...row)) === own;
  });
  return right.length / SAMPLES;
}

/** The same network with weights of 8 bits, as a QDQ model: a scale for each column. */
function quantized(parameters: Readonly<Record<string, Tensor>>): Model {
  const [w1, b1, w2, b2] = Object.values(parameters) as Tensor<'float32'>[];
  const weight = ({ shape, data: own }: Tensor<'float32'>): Value<'float32'> => {
    const [, columns = 1] = shape;
    const scales = Float32Array.from({ length: columns }, (_, column) =>
      Math.fround(Math.max(...own.filter((__, index) => index % columns === column).map(Math.abs)) / 127),
    );
    const stored = Int8Array.from(own, (value, index) => Math.round(value / (scales[index % columns] ?? 1)));
    return op.dequantizeLinear(
      constant({ dtype: 'int8', shape, data: stored }),
      constant({ dtype: 'float32', shape: [columns], data: scales }),
      { axis: 1 },
    );
  };
  const given = input('x', 'float32', ['batch', FEATURES]);
  const linear = (value: Value<'float32'>, w?: Tensor<'float32'>, b?: Tensor<'float32'>) =>
    w && b ? op.add(op.matMul(value, weight(w)), constant(b)) : value;
  return buildModel({ inputs: [given], outputs: { scores: linear(op.relu(linear(given, w1, b1)), w2, b2) } });
}

const models = new Map<string, Model>();
const sparse = new Map<string, Model>();

beforeAll(async () => {
  const teacher = await fit(layers(HIDDEN), data, options);
  const distillation = { teacher: teacher.toModel(NAMES), temperature: 3, alpha: 0.3 };
  models.set('distilled', (await fit(layers(HIDDEN / 2), data, { ...options, distillation })).toModel(NAMES));
  models.set('pruned', (await prune(layers(HIDDEN), data, options, { share: 0.85 })).toModel(NAMES));
  models.set('quantized', quantized(teacher.parameters));
  for (const [name, model] of models) {
    const goal = { kind: 'sparsity', target: 0.75 } as const;
    const found = await sparsify(model, {
      ...{ backend, samples, labels, goal, removeDead: true, measure: false },
      lowering: { kind: 'adaptive' },
    });
    sparse.set(name, found.model);
    reports.set(name, found.report);
  }
}, 120_000);

const reports = new Map<string, Awaited<ReturnType<typeof sparsify>>['report']>();

describe.each(['distilled', 'pruned', 'quantized'])('%s, then sparsified', (name) => {
  it('is as silent as asked, and as accurate as is reported', async () => {
    const [before, after, report] = [models.get(name), sparse.get(name), reports.get(name)];
    if (before === undefined || after === undefined || report === undefined) throw new Error('nothing was made');
    expect(report.sparsity).toBeCloseTo(0.75, 1);
    expect(report.products.map(({ lowering }) => lowering)).toEqual(['adaptive']);
    // ONNX Runtime computes products of 8-bit weights in 8 bits, sparse ones are computed in float32.
    expect(report.executionError).toBeLessThan(name === 'quantized' ? 0.01 : 1e-5);
    expect(report.accuracy?.before).toBeCloseTo(await accuracyOf(before), 6);
    expect(report.accuracy?.after).toBeCloseTo(await accuracyOf(after), 6);
    expect(report.accuracy?.before).toBeGreaterThan(0.9);
    expect(report.accuracy?.after).toBeGreaterThan((report.accuracy?.before ?? 1) - 0.1);
  });
});

it('neurons that pruning left unread are counted and taken out, and nothing changes', async () => {
  const pruned = models.get('pruned');
  if (pruned === undefined) throw new Error('nothing was pruned');
  const shared = { backend, samples, measure: false, lowering: { kind: 'gather' } } as const;
  const { model, removedNeurons, unreadNeurons } = await executeSparsely(pruned, { ...shared, removeDead: true });
  expect(unreadNeurons).toBeGreaterThan(0);
  expect(removedNeurons).toBeGreaterThanOrEqual(unreadNeurons);
  expect(findProducts(pruned).at(-1)?.inner).toBe(HIDDEN);
  const [expected, actual] = [await scoresOf(pruned), await scoresOf(model)];
  for (const [index, score] of expected.entries()) expect(actual[index]).toBeCloseTo(score, 4);
  const sizes = (of: Model) =>
    of.graph.initializers.flatMap(({ dtype, shape }) => (dtype === 'float32' ? [shape] : []));
  expect(sizes(pruned)).toContainEqual([FEATURES, HIDDEN]);
  expect(sizes(model)).toContainEqual([FEATURES, HIDDEN - removedNeurons]);
});

const missing = (await Promise.all(FIVE_BACKENDS.map(reasonToSkip))).filter((reason) => reason !== null);

describe.skipIf(missing.length > 0)(missing.length === 0 ? 'verify' : `skipped: ${missing.join('; ')}`, () => {
  it('five backends agree on all of them', async () => {
    const paths: string[] = [];
    for (const [name, model] of sparse) {
      paths.push(join(folder, `${name}.onnx`));
      await writeModelFile(paths.at(-1) ?? '', model);
    }
    const json = join(folder, 'report.json');
    // With its optimizations ONNX Runtime computes products of 8-bit weights in 8 bits on CPU, and not on WebGPU.
    const options = ['--runs', '1', '--cases', '2', '--optimization', 'disabled'];
    const { code, stderr } = await rheobase(['verify', ...paths, '--json', json, ...options]);
    if (!existsSync(json)) throw new Error(stderr);
    const report = JSON.parse(readFileSync(json, 'utf8')) as VerifyReport;
    expect(report.comparisons.filter(({ verdict }) => verdict !== 'agree')).toEqual([]);
    expect(new Set(report.comparisons.map((own) => own.backend)).size).toBe(FIVE_BACKENDS.length - 1);
    expect(code).toBe(0);
  }, 240_000);
});
