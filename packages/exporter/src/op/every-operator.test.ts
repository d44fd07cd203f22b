/**
 * Every generated function, called, built and loaded by the real runtime. Operators that ONNX Runtime does not
 * implement (yet) are listed by name; the list is held to be true as well.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { OrtProcess } from '../../test/ort-process.js';
import { schemaOf } from '../analysis/registry.js';
import { type AnyValue, buildModel, constant, input, Value } from '../builder/index.js';
import { encodeModel } from '../codec/index.js';
import * as schemas from '../generated/operators.js';
import * as generated from '../generated/ops.js';
import type { Shape } from '../model/model.js';
import { newestVersion } from '../operators/schema.js';
import { tensor } from '../tensor/index.js';
import * as op from './index.js';

const f32 = (name: string, ...shape: NonNullable<Shape>) => input(name, 'float32', shape);
const i64 = (name: string, ...shape: NonNullable<Shape>) => input(name, 'int64', shape);
const u8 = (name: string, ...shape: NonNullable<Shape>) => input(name, 'uint8', shape);
const bool = (name: string, ...shape: NonNullable<Shape>) => input(name, 'bool', shape);
const text = (name: string, ...shape: NonNullable<Shape>) => input(name, 'string', shape);

const x = f32('x', 'n', 4);
const y = f32('y', 'n', 4);
const image = f32('image', 1, 4, 8, 8);
const n = i64('n', 'n', 4);
const m = i64('m', 'n', 4);
const mask = bool('mask', 'n', 4);
const other = bool('other', 'n', 4);
const words = text('words', 3);
const channel = f32('channel', 4);
const bytes = u8('bytes', 1, 4, 8, 8);
const signal = f32('signal', 1, 16, 1);
const sequence = op.sequenceConstruct(x, y);
const steps = f32('steps', 5, 2, 3);
const rnn = (gates: number) => [f32('w', 1, gates * 6, 3), f32('r', 1, gates * 6, 6)] as const;

type Calls = Readonly<Record<string, () => AnyValue | Readonly<Record<string, AnyValue>> | readonly AnyValue[]>>;

const UNARY = [
  ...['abs', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'ceil', 'celu', 'cos', 'cosh', 'elu', 'erf', 'exp'],
  ...['floor', 'gelu', 'hardSigmoid', 'hardSwish', 'hardmax', 'identity', 'isInf', 'isNaN', 'leakyRelu', 'log'],
  ...['logSoftmax', 'lpNormalization', 'mish', 'neg', 'nonZero', 'reciprocal', 'relu', 'round', 'selu', 'shape'],
  ...['shrink', 'sigmoid', 'sign', 'sin', 'sinh', 'size', 'softmax', 'softplus', 'softsign', 'sqrt', 'swish', 'tan'],
  ...['tanh', 'thresholdedRelu', 'argMax', 'argMin', 'flatten', 'transpose', 'trilu', 'eyeLike', 'randomNormalLike'],
  ...['randomUniformLike', 'bernoulli', 'multinomial', 'dropout', 'dynamicQuantizeLinear', 'unique'],
  ...['reduceL1', 'reduceL2', 'reduceLogSum', 'reduceLogSumExp', 'reduceMax', 'reduceMean', 'reduceMin', 'reduceProd'],
  ...['reduceSum', 'reduceSumSquare', 'splitToSequence'],
] as const;
const BINARY = [
  ...['add', 'sub', 'mul', 'div', 'pow', 'equal', 'greater', 'greaterOrEqual', 'less', 'lessOrEqual', 'max'],
  ...['min', 'mean', 'sum', 'prelu', 'swiGLU'],
] as const;

/** Operators of one kind are called alike. */
const simple = generated as unknown as Readonly<Record<string, (...values: readonly Value[]) => AnyValue>>;

const CALLS: Calls = {
  ...Object.fromEntries(UNARY.map((name) => [name, () => simple[name](x)])),
  ...Object.fromEntries(BINARY.map((name) => [name, () => simple[name](x, y)])),
  affineGrid: () => op.affineGrid(f32('theta', 1, 2, 3), [1, 4, 8, 8]),
  and: () => op.and(mask, other),
  attention: () => op.attention(f32('q', 1, 2, 3, 8), f32('k', 1, 2, 5, 8), f32('v', 1, 2, 5, 8)).y,
  averagePool: () => op.averagePool(image, { kernelShape: [2, 2], strides: [2, 2] }),
  batchNormalization: () => op.batchNormalization(image, channel, channel, channel, channel).y,
  bitCast: () => op.bitCast(x, { to: 'int32' }),
  bitShift: () => op.bitShift(bytes, 1, { direction: 'LEFT' }),
  bitwiseAnd: () => op.bitwiseAnd(n, m),
  bitwiseNot: () => op.bitwiseNot(n),
  bitwiseOr: () => op.bitwiseOr(n, m),
  bitwiseXor: () => op.bitwiseXor(n, m),
  blackmanWindow: () => op.blackmanWindow(8),
  castLike: () => op.castLike(x, n),
  causalConvWithState: () => op.causalConvWithState(f32('c', 1, 4, 8), f32('cw', 4, 1, 3)),
  centerCropPad: () => op.centerCropPad(x, [2, 2]),
  clip: () => op.clip(x, 0, 1),
  col2Im: () => op.col2Im(f32('columns', 1, 4, 4), [4, 4], [2, 2], { strides: [2, 2] }),
  compress: () => op.compress(x, bool('keep', 4), { axis: 1 }),
  concat: () => op.concat([x, y], { axis: 1 }),
  concatFromSequence: () => op.concatFromSequence(sequence, { axis: 0 }),
  conv: () => op.conv(image, f32('cw', 2, 4, 3, 3), f32('cb', 2), { pads: [1, 1, 1, 1] }),
  convInteger: () => op.convInteger(bytes, u8('iw', 2, 4, 3, 3)),
  convTranspose: () => op.convTranspose(image, f32('tw', 4, 2, 3, 3), undefined, { strides: [2, 2] }),
  cumProd: () => op.cumProd(x, 1),
  cumSum: () => op.cumSum(x, 1),
  deformConv: () => op.deformConv(image, f32('dw', 2, 4, 3, 3), f32('offset', 1, 18, 6, 6)),
  depthToSpace: () => op.depthToSpace(image, { blocksize: 2 }),
  dequantizeLinear: () => op.dequantizeLinear(bytes, 0.5),
  det: () => op.det(f32('square', 3, 3)),
  dft: () => op.dft(signal, { onesided: true }),
  einsum: () => op.einsum([x, y], { equation: 'ij,ij->i' }),
  expand: () => op.expand(f32('row', 1, 4), [3, 4]),
  gather: () => op.gather(x, [0, 1], { axis: 1 }),
  gatherElements: () => op.gatherElements(x, n, { axis: 1 }),
  gatherND: () => op.gatherND(f32('table', 3, 4), i64('at', 5, 1)),
  gemm: () => op.gemm(x, f32('gw', 4, 2), [1, 2]),
  globalAveragePool: () => op.globalAveragePool(image),
  globalLpPool: () => op.globalLpPool(image),
  globalMaxPool: () => op.globalMaxPool(image),
  gridSample: () => op.gridSample(image, f32('grid', 1, 5, 5, 2)),
  groupNormalization: () => op.groupNormalization(image, channel, channel, { numGroups: 2 }),
  gru: () => op.gru(steps, ...rnn(3), { hiddenSize: 6 }).y,
  hammingWindow: () => op.hammingWindow(8),
  hannWindow: () => op.hannWindow(8),
  imageDecoder: () => op.imageDecoder(u8('stream', 'bytes')),
  instanceNormalization: () => op.instanceNormalization(image, channel, channel),
  layerNormalization: () => op.layerNormalization(x, channel, channel).y,
  linearAttention: () =>
    op.linearAttention(f32('q', 1, 4, 8), f32('k', 1, 4, 8), f32('v', 1, 4, 8), { kvNumHeads: 2, qNumHeads: 2 }).output,
  lpPool: () => op.lpPool(image, { kernelShape: [2, 2] }),
  lrn: () => op.lrn(image, { size: 3 }),
  lstm: () => op.lstm(steps, ...rnn(4), { hiddenSize: 6 }).yH,
  matMul: () => op.matMul(x, f32('mw', 4, 3)),
  matMulInteger: () => op.matMulInteger(u8('a', 3, 4), u8('b', 4, 2)),
  maxPool: () => op.maxPool(image, { kernelShape: [2, 2], autoPad: 'SAME_UPPER' }),
  maxRoiPool: () => op.maxRoiPool(image, f32('rois', 2, 5), { pooledShape: [2, 2] }),
  maxUnpool: () =>
    op.maxUnpool(f32('pooled', 1, 1, 2, 2), i64('positions', 1, 1, 2, 2), { kernelShape: [2, 2], strides: [2, 2] }),
  meanVarianceNormalization: () => op.meanVarianceNormalization(image),
  melWeightMatrix: () => op.melWeightMatrix(constant(8n), 16, 8192, constant(0), 4096),
  negativeLogLikelihoodLoss: () => op.negativeLogLikelihoodLoss(f32('logs', 3, 5), i64('target', 3)),
  mod: () => op.mod(n, m),
  nonMaxSuppression: () =>
    op.nonMaxSuppression(f32('boxes', 1, 6, 4), f32('scores', 1, 1, 6), { maxOutputBoxesPerClass: 3 }),
  not: () => op.not(mask),
  oneHot: () => op.oneHot(n, 5, constant([0, 1])),
  optionalGetElement: () => op.optionalGetElement(op.optional(x)),
  or: () => op.or(mask, other),
  pad: () => op.pad(x, [1, 1], { axes: [1], mode: 'edge' }),
  qLinearConv: () => op.qLinearConv(bytes, 0.5, 128, u8('qw', 2, 4, 3, 3), 0.5, 128, 0.5, constant(128, 'uint8')),
  qLinearMatMul: () => {
    const scale = constant(0.5);
    const zero = constant(128, 'uint8');
    return op.qLinearMatMul(u8('a', 3, 4), scale, zero, u8('b', 4, 2), scale, zero, scale, zero);
  },
  quantizeLinear: () => op.quantizeLinear(x, 0.5, { yZeroPoint: constant(3, 'int8') }),
  randomNormal: () => op.randomNormal({ shape: [2, 3], seed: 1 }),
  randomUniform: () => op.randomUniform({ shape: [2, 3], low: -1, dtype: 'float64' }),
  range: () => op.range(i64('start'), 10, 2),
  regexFullMatch: () => op.regexFullMatch(words, { pattern: 'a.*' }),
  reshape: () => op.reshape(x, [-1, 2]),
  resize: () => op.resize(image, { sizes: [1, 4, 4, 4], mode: 'linear' }),
  reverseSequence: () => op.reverseSequence(f32('rows', 5, 3), [1, 2, 3]),
  rmsNormalization: () => op.rmsNormalization(x, channel),
  rnn: () => op.rnn(steps, ...rnn(1), { hiddenSize: 6, direction: 'reverse' }).y,
  roiAlign: () => op.roiAlign(image, f32('rois', 2, 4), [0, 0], { outputHeight: 2, outputWidth: 2 }),
  rotaryEmbedding: () =>
    op.rotaryEmbedding(f32('heads', 1, 2, 3, 8), f32('cosines', 16, 4), f32('sines', 16, 4), {
      positionIds: i64('ids', 1, 3),
    }),
  scatterElements: () => op.scatterElements(x, n, y, { axis: 1, reduction: 'add' }),
  scatterND: () => op.scatterND(f32('table', 3, 4), i64('at', 2, 1), f32('updates', 2, 4), { reduction: 'max' }),
  sequenceAt: () => op.sequenceAt(sequence, 0),
  sequenceConstruct: () => op.sequenceLength(sequence),
  sequenceErase: () => op.sequenceLength(op.sequenceErase(sequence)),
  sequenceInsert: () => op.sequenceLength(op.sequenceInsert(sequence, x, { position: 0 })),
  sequenceLength: () => op.sequenceLength(sequence),
  slice: () => op.slice(x, [0], [2], { axes: [1] }),
  softmaxCrossEntropyLoss: () => op.softmaxCrossEntropyLoss(f32('logits', 3, 5), i64('labels', 3)).output,
  spaceToDepth: () => op.spaceToDepth(image, { blocksize: 2 }),
  squeeze: () => op.squeeze(f32('thin', 1, 4)),
  stft: () => op.stft(signal, 4, { frameLength: 8 }),
  stringConcat: () => op.stringConcat(words, '!'),
  stringNormalizer: () => op.stringNormalizer(words, { caseChangeAction: 'LOWER', locale: 'C', stopwords: ['the'] }),
  stringSplit: () => op.stringSplit(words, { delimiter: ' ' }),
  tensorScatter: () =>
    op.tensorScatter(f32('cache', 2, 6, 4), f32('update', 2, 1, 4), { writeIndices: i64('where', 2) }),
  tfIdfVectorizer: () =>
    op.tfIdfVectorizer(n, {
      maxGramLength: 1,
      maxSkipCount: 0,
      minGramLength: 1,
      mode: 'TF',
      ngramCounts: [0],
      ngramIndexes: [0, 1],
      poolInt64s: [2, 3],
    }),
  tile: () => op.tile(x, [1, 2]),
  topK: () => op.topK(x, 2, { largest: false }),
  unsqueeze: () => op.unsqueeze(x, [0, -1]),
  where: () => op.where(mask, x, 0),
  xor: () => op.xor(mask, other),
};

/** The functions that are written by hand, by operator. */
const BY_HAND: Calls = {
  Cast: () => op.cast(x, 'float16'),
  Constant: () => op.constant(tensor('float32', [2], Float32Array.of(1, 2))),
  ConstantOfShape: () => op.constantOfShape([2, 3], { value: tensor('int64', [1], BigInt64Array.of(7n)) }),
  If: () =>
    op.if(
      bool('flag'),
      () => op.neg(x),
      () => x,
    ),
  Loop: () => op.loop({ count: 3, state: [x] }, (_, state) => ({ state: [op.relu(state)] })).state,
  Optional: () => op.optionalHasElement(op.optional(x)),
  OptionalHasElement: () => op.optionalHasElement(op.optional('float32')),
  Scan: () => op.scan({ inputs: [x] }, (_, [row]) => ({ state: [], collect: [op.neg(row)] })).collected,
  SequenceEmpty: () => op.sequenceLength(op.sequenceEmpty({ dtype: 'int64' })),
  SequenceMap: () =>
    op.sequenceAt(
      op.sequenceMap(sequence, (each) => op.neg(each)),
      1,
    ),
  Split: () => op.split(x, { axis: 1, numOutputs: 2 }),
};

/** What ONNX Runtime 1.30 has no kernel for on the CPU, or whose opset it does not know. */
const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  'CausalConvWithState',
  'ImageDecoder',
  'LinearAttention',
  'SwiGLU',
]);

const names = Object.keys(generated);
const ort = new OrtProcess();
afterAll(() => ort.close());

/** A model of what a call gives, in opset 21 or the first one that has the operator. */
function modelOf(call: Calls[string], opType: string) {
  const made = call();
  const outputs = made instanceof Value ? { output: made } : Object.fromEntries(Object.entries(made));
  const first = schemaOf(opType)?.versions[0].since ?? 0;
  return buildModel({ inputs: inputsOf(Object.values(outputs)), outputs, opset: Math.max(21, first) });
}

/** Every input that values come from. */
function inputsOf(values: readonly AnyValue[]): AnyValue[] {
  const found = new Map<unknown, AnyValue>();
  const seen = new Set<unknown>();
  const visit = (value: AnyValue | null): void => {
    if (value === null || seen.has(value)) return;
    seen.add(value);
    const { source } = value;
    if (source.kind === 'input' && source.owner === undefined) found.set(source, value);
    if (source.kind !== 'output') return;
    for (const each of source.call.inputs) visit(each);
    for (const body of source.call.bodies?.values() ?? []) for (const each of body.outputs) visit(each);
  };
  for (const value of values) visit(value);
  return [...found.values()];
}

/** `MatMul` of `matMul`: the schema that the function's source names. */
const SOURCE = readFileSync(new URL('../generated/ops.ts', import.meta.url), 'utf8');
function opTypeOf(name: string): string {
  const at = SOURCE.indexOf(`export function ${name}`);
  return /make(?:Node|Value)\(schemas\.(\w+)/.exec(SOURCE.slice(at))?.[1] ?? '';
}

it('every generated function is called here', () => {
  expect(names.filter((name) => CALLS[name] === undefined)).toEqual([]);
  expect(Object.keys(CALLS).filter((name) => !names.includes(name))).toEqual([]);
});

it('every operator that is not deprecated has a function', () => {
  const having = new Set([...names.map(opTypeOf), ...Object.keys(BY_HAND)]);
  const lacking = Object.values(schemas).filter(
    (schema) => !newestVersion(schema).deprecated && !having.has(schema.opType),
  );
  expect(lacking.map(({ opType }) => opType)).toEqual([]);
});

describe('every function gives a model that the runtime loads', () => {
  const rows = [
    ...names.map((name): [string, Calls[string]] => [opTypeOf(name), CALLS[name]]),
    ...Object.entries(BY_HAND),
  ];
  it('or one that is known not to be implemented', async () => {
    const refused: string[] = [];
    for (const [opType, call] of rows) {
      const outcome = await ort.run(encodeModel(modelOf(call, opType)), null);
      if (outcome.kind !== 'outputs')
        refused.push(`${opType}: ${outcome.kind === 'refused' ? outcome.message : outcome.kind}`);
    }
    const unexpected = refused.filter((line) => !NOT_IMPLEMENTED.has(line.split(':')[0]) || !isMissingKernel(line));
    expect(unexpected).toEqual([]);
    expect(refused.map((line) => line.split(':')[0]).sort()).toEqual([...NOT_IMPLEMENTED].sort());
  }, 300_000);
});

/** The runtime says that it lacks the operator, not that the model is wrong. */
function isMissingKernel(message: string): boolean {
  return /NOT_IMPLEMENTED|Could not find an implementation|is not a registered function\/op|only \*guarantees\* support|No Op registered/.test(
    message,
  );
}
