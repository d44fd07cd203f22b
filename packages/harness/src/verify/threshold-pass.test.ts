import {
  buildModel,
  constant,
  input,
  type Model,
  type Node,
  op,
  thresholdActivation,
  type Value,
} from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { givenCases } from '../cases/index.js';
import { cpuBackend, faultyBackend, onOtherDevice } from '../fixtures/backends.js';
import { floatAttribute, floats, modelOf, nodeOf } from '../fixtures/models.js';
import { changing, quick, saved } from '../fixtures/network.js';
import type { VerifyOptions } from './options.js';
import { verify } from './verify.js';

describe('neurons on the other side of their threshold', () => {
  type Lowering = 'where' | 'thresholdedRelu';
  const thresholdNodes = (lowering: Lowering, x: string, y: string, name: string) =>
    lowering === 'where'
      ? [nodeOf('Greater', [x, 'theta'], `${y}_mask`, [], name), nodeOf('Where', [`${y}_mask`, x, 'zero'], y)]
      : [nodeOf('ThresholdedRelu', [x], y, [floatAttribute('alpha', 0.5)], name)];

  /** Two layers: each scales and then silences what is not above 0.5; the second takes ten times the sum of the first. */
  const layers = (lowering: Lowering): Model =>
    modelOf({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      initializers: {
        scale: floats([4], [1, 1, 1, 1]),
        mix: floats(
          [4, 4],
          Array.from({ length: 16 }, () => 10),
        ),
        theta: floats([], [0.5]),
        zero: floats([], [0]),
      },
      nodes: [
        nodeOf('Mul', ['x', 'scale'], 'a', [], 'scale'),
        ...thresholdNodes(lowering, 'a', 'h', 'gate1'),
        nodeOf('MatMul', ['h', 'mix'], 'b', [], 'mix'),
        ...thresholdNodes(lowering, 'b', 'y', 'gate2'),
      ],
    });
  /** The first neuron lies exactly at its threshold; the others are silent, so that the second layer hangs on it. */
  const cases = (model: Model) => givenCases(model, [{ name: 'near', feeds: { x: floats([4], [0.5, -1, -2, 0.1]) } }]);
  const oneUlpMore = changing('scale', 0, () => 1 + 2 ** -23);
  const compare = (lowering: Lowering, fault: (model: Model) => Model, options: Partial<VerifyOptions> = {}) =>
    verify({
      ...quick,
      models: [saved(`${lowering}.onnx`, layers(lowering))],
      backends: [cpuBackend(), onOtherDevice(faultyBackend('bad/cpu', fault))],
      cases,
      ...options,
    });

  it.each(['where', 'thresholdedRelu'] as const)(
    'are explained where x was within its error of θ, and so is all that follows from them (%s)',
    async (lowering) => {
      const report = await compare(lowering, oneUlpMore);
      expect(report.verdict).toBe('agree');
      const [row] = report.comparisons;
      expect(row).toMatchObject({ verdict: 'agree', mismatched: 4, firstDivergence: null });
      // One neuron of the first layer, and the four of the second that follow from it.
      expect(row?.maskFlips).toMatchObject({ explained: 5, unexplained: 0 });
      expect(row?.maskFlips.note).toMatch(/the baseline agrees once it decides the same/);
      expect(row?.maskFlips.examples[0]).toEqual({
        node: 'gate1',
        index: [0],
        x: String(Math.fround(0.5 * (1 + 2 ** -23))),
        theta: '0.5',
        expectedX: '0.5',
        expectedTheta: '0.5',
        explained: true,
      });
    },
  );

  it.each(['where', 'thresholdedRelu'] as const)('do not excuse a fault further on (%s)', async (lowering) => {
    const fault = (model: Model) => changing('mix', 0, () => 11)(oneUlpMore(model));
    const [row] = (await compare(lowering, fault)).comparisons;
    expect(row).toMatchObject({ verdict: 'diverge', maskFlips: { explained: 5 - 1, unexplained: 1 } });
  });

  it.each(['where', 'thresholdedRelu'] as const)(
    'are unexplained where x was far from θ, and fail whatever the tolerance of the output (%s)',
    async (lowering) => {
      const fault = changing('scale', 0, () => 1.1);
      const [row] = (await compare(lowering, fault, { tolerance: { outputs: { y: { atol: 100 } } } })).comparisons;
      expect(row).toMatchObject({
        verdict: 'diverge',
        mismatched: 0,
        // The error of the first neuron reaches all four of the second layer.
        reason: '5 neurons on the other side of the threshold for no known reason',
        maskFlips: { explained: 0, unexplained: 5 },
        firstDivergence: { node: 'scale' },
      });
    },
  );

  it.each(['where', 'thresholdedRelu'] as const)(
    'are unexplained where θ itself was moved, however little: x and θ do not account for it (%s)',
    async (lowering) => {
      const moved = changing('theta', 0, (theta) => theta - 2 ** -25);
      const fault = (model: Model): Model =>
        lowering === 'where'
          ? moved(model)
          : { ...model, graph: { ...model.graph, nodes: model.graph.nodes.map(lower) } };
      const [row] = (await compare(lowering, fault)).comparisons;
      expect(row).toMatchObject({ verdict: 'diverge', firstDivergence: { node: 'gate1' } });
      expect(row?.maskFlips.unexplained).toBeGreaterThan(0);
      expect(row?.maskFlips.examples[0]).toMatchObject({ node: 'gate1', index: [0], x: '0.5', theta: '0.5' });
    },
  );
});

describe('a magnitude in front of its threshold', () => {
  it('explains a flip by |x|, on the negative side too', async () => {
    const model = modelOf({
      inputs: { x: ['float32', [2]] },
      outputs: { y: ['float32', [2]] },
      initializers: { scale: floats([2], [1, 1]) },
      nodes: [
        nodeOf('Mul', ['x', 'scale'], 'a', [], 'scale'),
        nodeOf('Shrink', ['a'], 'y', [floatAttribute('lambd', 0.5)], 'gate'),
      ],
    });
    const report = await verify({
      ...quick,
      models: [saved('shrink.onnx', model)],
      backends: [
        cpuBackend(),
        onOtherDevice(
          faultyBackend(
            'bad/cpu',
            changing('scale', 0, () => 1 + 2 ** -23),
          ),
        ),
      ],
      cases: (given) => givenCases(given, [{ name: 'near', feeds: { x: floats([2], [-0.5, -2]) } }]),
    });
    const [row] = report.comparisons;
    expect(row).toMatchObject({ verdict: 'agree', mismatched: 1, maskFlips: { explained: 1, unexplained: 0 } });
    expect(row?.maskFlips.examples[0]).toMatchObject({ node: 'gate', theta: '0.5', expectedX: '-0.5' });
  });
});

describe('thresholds inside functions of the model', () => {
  const x = input('x', 'float32', [4]);
  const scale = constant({ dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 1, 1) }, 'scale');
  const mix = constant({ dtype: 'float32', shape: [4, 4], data: new Float32Array(16).fill(10) }, 'mix');
  const gated = (v: Value<'float32'>) => thresholdActivation(v, { threshold: 0.5, asFunction: true });
  const y = gated(op.matMul(gated(op.mul(x, scale)), mix));
  const model = buildModel({ inputs: [x], outputs: { y } });
  const cases = (given: Model) => givenCases(given, [{ name: 'near', feeds: { x: floats([4], [0.5, -1, -2, 0.1]) } }]);

  it.each([
    ['explained by the error of x', 1 + 2 ** -23, { verdict: 'agree', explained: 5, unexplained: 0 }],
    ['unexplained where x was far from θ', 1.1, { verdict: 'diverge', explained: 0, unexplained: 5 }],
  ])('have flips that are counted: %s', async (_, factor, { verdict, ...maskFlips }) => {
    const fault = changing('scale', 0, () => factor);
    const { comparisons } = await verify({
      ...quick,
      models: [saved('functions.onnx', model)],
      backends: [cpuBackend(), onOtherDevice(faultyBackend('bad/cpu', fault))],
      cases,
    });
    expect(comparisons[0]).toMatchObject({ verdict, maskFlips });
  });
});

/** A ThresholdedRelu whose θ is a hair lower, so that the neuron exactly at it fires. */
function lower(node: Node): Node {
  if (node.opType !== 'ThresholdedRelu') return node;
  return { ...node, attributes: [floatAttribute('alpha', 0.5 - 2 ** -25)] };
}
