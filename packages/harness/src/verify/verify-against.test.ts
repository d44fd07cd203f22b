/** A fault in a model, found by comparing it with the model it was made from, each blamed on the node that has it. */
import type { Model, Node } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { seededCases } from '../cases/index.js';
import { cpuBackend } from '../fixtures/backends.js';
import { floatAttribute, floats, modelOf, nodeOf } from '../fixtures/models.js';
import { changing, network, networkPath, saved } from '../fixtures/network.js';
import { verify } from './verify.js';

const against = (bad: string, good: string, dims = { batch: 32 }) =>
  verify({
    models: [bad],
    against: good,
    backends: [cpuBackend()],
    baseline: 'node/cpu',
    runs: 0,
    cases: (model) => seededCases(model, { dims }),
  });

const nextAfter = (w: number) => w + Math.abs(w) * 2 ** -23;

/** Ten layers, each a product and a threshold of its own. */
const deep = modelOf({
  inputs: { x: ['float32', ['batch', 8]] },
  outputs: { h10: ['float32', ['batch', 8]] },
  initializers: Object.fromEntries(
    Array.from({ length: 10 }, (_, layer) => [
      `w${layer + 1}`,
      floats(
        [8, 8],
        Array.from({ length: 64 }, (_, i) => Math.sin(i * 7 + layer) / 2),
      ),
    ]),
  ),
  nodes: Array.from({ length: 10 }, (_, index) => index + 1).flatMap((layer) => [
    nodeOf('MatMul', [layer === 1 ? 'x' : `h${layer - 1}`, `w${layer}`], `a${layer}`, [], `dense${layer}`),
    nodeOf('ThresholdedRelu', [`a${layer}`], `h${layer}`, [floatAttribute('alpha', 0.01)], `fire${layer}`),
  ]),
});

/** Two nodes change places in the chain: each takes what the other took. */
function swapped(model: Model, first: string, second: string): Model {
  const find = (name: string) => model.graph.nodes.find((node) => node.name === name) as Node;
  const [a, b] = [find(first), find(second)];
  const nodes = model.graph.nodes.map((node) => {
    if (node === a) return { ...b, inputs: a.inputs.slice(0, 1).concat(b.inputs.slice(1)), outputs: a.outputs };
    if (node === b) return { ...a, inputs: b.inputs.slice(0, 1).concat(a.inputs.slice(1)), outputs: b.outputs };
    return node;
  });
  return { ...model, graph: { ...model.graph, nodes } };
}

describe('a model against the one it was made from', () => {
  it.each([
    ['a weight by one ULP', changing('w1', 9, nextAfter), ['dense1']],
    ['a weight by one per cent', changing('w2', 5, (w) => w * 1.01), ['dense2']],
    ['θ past one activation', changing('theta', 0, (theta) => theta + 0.02), ['gate']],
  ])('%s is blamed on its node', async (_, fault, nodes) => {
    const report = await against(saved('bad.onnx', fault(network)), networkPath);
    expect(report.verdict).toBe('diverge');
    const row = report.comparisons.find(({ output }) => output === 'probabilities');
    expect(row).toMatchObject({ backend: 'node/cpu', verdict: 'diverge' });
    expect(nodes).toContain(row?.firstDivergence?.node);
    expect(row?.suspects[0]?.role).toBe('creates');
  });

  it.each([
    ['a NaN at layer 7', changing('w7', 3, () => Number.NaN), ['dense7']],
    ['two nodes swapped', (model: Model) => swapped(model, 'fire4', 'dense5'), ['fire4', 'dense5']],
    ['one ULP at layer 3', changing('w3', 60, nextAfter), ['dense3']],
  ])('%s is blamed on its node', async (_, fault, nodes) => {
    const report = await against(saved('bad-deep.onnx', fault(deep)), saved('deep.onnx', deep));
    expect(report.verdict).toBe('diverge');
    expect(nodes).toContain(report.comparisons[0]?.firstDivergence?.node);
    expect(report.comparisons[0]?.suspects[0]?.role).toBe('creates');
  });

  it('agrees with itself to the last bit, on a tolerance of nothing', async () => {
    const report = await against(saved('copy.onnx', deep), saved('deep.onnx', deep));
    expect(report).toMatchObject({ verdict: 'agree', against: { differences: [] } });
    expect(report.comparisons[0]?.tolerance).toMatchObject({ atol: 0, rtol: 0, scale: 0, ulp: 0 });
  });

  it('tells a change that no output shows, and blames its node, while the outputs agree', async () => {
    const bad = changing('w1', 0, nextAfter)(network);
    const report = await verify({
      models: [saved('invisible.onnx', bad)],
      against: networkPath,
      backends: [cpuBackend()],
      baseline: 'node/cpu',
      runs: 0,
      tolerance: { all: { atol: 1e-3 } },
    });
    expect(report.verdict).toBe('agree');
    for (const row of report.comparisons) {
      expect(row).toMatchObject({
        verdict: 'agree',
        firstDivergence: { node: 'dense1', opType: 'MatMul', output: 'a' },
      });
      expect(row.firstDivergenceNote).toBe(
        'the models differ here (weight w1: 1 of 512 elements differ by at most 1 ULP); the output agrees all the same',
      );
    }
    const { against: reference } = report;
    expect(reference?.differences).toEqual([
      expect.objectContaining({
        kind: 'weight',
        name: 'w1',
        nodes: ['dense1'],
        what: '1 of 512 elements differ by at most 1 ULP',
      }),
    ]);
  });

  it('of other inputs is refused, naming both', async () => {
    await expect(against(networkPath, saved('deep.onnx', deep))).rejects.toThrow(/deep\.onnx: its outputs are h10/);
  });
});
