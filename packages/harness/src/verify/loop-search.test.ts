/** Nodes inside the bodies of Loops and Scans are blamed by name, with the iteration in which the sides part. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Attribute, type Graph, initializer, type Model, type Node } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { givenCases } from '../cases/index.js';
import { cpuBackend } from '../fixtures/backends.js';
import { floats, intAttribute, modelOf, nodeOf } from '../fixtures/models.js';
import { saved } from '../fixtures/network.js';
import { readBundle } from '../reduce/index.js';
import { verify } from './verify.js';

const folder = mkdtempSync(join(tmpdir(), 'loop-search-'));
afterAll(() => rmSync(folder, { recursive: true }));

const integer = (value: number): Tensor => ({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
const yes: Tensor = { dtype: 'bool', shape: [], data: Uint8Array.of(1) };

type Types = NonNullable<Parameters<typeof modelOf>[0]['inputs']>;

function body(
  inputs: Types,
  outputs: readonly string[],
  nodes: readonly Node[],
  weights: Readonly<Record<string, Tensor>> = {},
): Attribute {
  const types = Object.fromEntries(outputs.map((name) => [name, ['float32', null] as const]));
  return {
    name: 'body',
    kind: 'graph',
    value: modelOf({ inputs, outputs: types, nodes, initializers: weights }).graph,
  };
}

/** The condition of a body's outputs is a bool. */
function withCondition(attribute: Attribute, name: string): Attribute {
  if (attribute.kind !== 'graph') return attribute;
  const outputs = attribute.value.outputs.map((info) =>
    info.name === name ? { ...info, type: { kind: 'tensor', dtype: 'bool', shape: [] } as const } : info,
  );
  return { ...attribute, value: { ...attribute.value, outputs } };
}

const several = (node: Node, outputs: readonly string[]): Node => ({ ...node, outputs });
const square = (seed: number) =>
  floats(
    [3, 3],
    Array.from({ length: 9 }, (_, i) => Math.sin(i * 3 + seed) / 2),
  );

/** h ← tanh(h·w + b), b taken from a list by iteration, six times; every h comes out too. */
const looping: Model = modelOf({
  inputs: { x: ['float32', [1, 3]] },
  outputs: { last: ['float32', [1, 3]], all: ['float32', [6, 1, 3]] },
  initializers: {
    trips: integer(6),
    yes,
    biases: floats(
      [6, 3],
      Array.from({ length: 18 }, (_, i) => i / 20),
    ),
  },
  nodes: [
    several(
      nodeOf(
        'Loop',
        ['trips', 'yes', 'x'],
        'last',
        [
          withCondition(
            body(
              { i: ['int64', []], go: ['bool', []], h: ['float32', [1, 3]] },
              ['go_on', 'h_out', 'h_each'],
              [
                nodeOf('Identity', ['go'], 'go_on', [], 'again'),
                nodeOf('MatMul', ['h', 'w'], 'product', [], 'multiply'),
                nodeOf('Gather', ['biases', 'i'], 'bias', [], 'pick'),
                nodeOf('Add', ['product', 'bias'], 'sum', [], 'shift'),
                nodeOf('Tanh', ['sum'], 'h_out', [], 'squash'),
                nodeOf('Identity', ['h_out'], 'h_each', [], 'tell'),
              ],
              { w: square(1) },
            ),
            'go_on',
          ),
        ],
        'steps',
      ),
      ['last', 'all'],
    ),
  ],
});

/** s ← relu(s·w + x[:, t]) along axis 1, from the last element to the first. */
const scanning: Model = modelOf({
  inputs: { x: ['float32', [1, 5, 3]], s0: ['float32', [1, 3]] },
  outputs: { last: ['float32', [1, 3]], all: ['float32', [5, 1, 3]] },
  initializers: { w: square(2) },
  nodes: [
    several(
      nodeOf(
        'Scan',
        ['s0', 'x'],
        'last',
        [
          intAttribute('num_scan_inputs', 1),
          { name: 'scan_input_axes', kind: 'ints', value: [1n] },
          { name: 'scan_input_directions', kind: 'ints', value: [1n] },
          body(
            { s: ['float32', [1, 3]], e: ['float32', [1, 3]] },
            ['s_out', 's_each'],
            [
              nodeOf('MatMul', ['s', 'w'], 'product', [], 'multiply'),
              nodeOf('Mul', ['e', 'gain'], 'scaled', [], 'gain'),
              nodeOf('Add', ['product', 'scaled'], 'sum', [], 'shift'),
              nodeOf('Relu', ['sum'], 's_out', [], 'fire'),
              nodeOf('Identity', ['s_out'], 's_each', [], 'tell'),
            ],
            { gain: floats([1, 3], [1, 2, 3]) },
          ),
        ],
        'sweep',
      ),
      ['last', 'all'],
    ),
  ],
});

/** Changes a weight of the body of the model's only node. */
function inBody(model: Model, change: (graph: Graph) => Graph): Model {
  const nodes = model.graph.nodes.map((node) => ({
    ...node,
    attributes: node.attributes.map((one) => (one.kind === 'graph' ? { ...one, value: change(one.value) } : one)),
  }));
  return { ...model, graph: { ...model.graph, nodes } };
}

const withWeight = (name: string, value: Tensor) => (graph: Graph) => ({
  ...graph,
  initializers: graph.initializers.map((one) => (one.name === name ? initializer(name, value) : one)),
});
const scaledAt = ({ shape, data }: Tensor, index: number, factor: number) =>
  floats(
    shape,
    Array.from(data as Float32Array, (v, i) => (i === index ? v * factor : v)),
  );
const withWiring = (node: string, inputs: readonly string[]) => (graph: Graph) => ({
  ...graph,
  nodes: graph.nodes.map((one) => (one.name === node ? { ...one, inputs } : one)),
});

const x = floats([1, 3], [0.3, -0.2, 0.5]);
const sequence = floats(
  [1, 5, 3],
  Array.from({ length: 15 }, (_, i) => Math.cos(i)),
);

async function blamed(good: Model, bad: Model, feeds: Record<string, Tensor>, reduce?: string) {
  const report = await verify({
    models: [saved('bad-loop.onnx', bad)],
    against: saved('good-loop.onnx', good),
    backends: [cpuBackend()],
    baseline: 'node/cpu',
    runs: 0,
    cases: (model) => givenCases(model, [{ name: 'given', feeds }]),
    ...(reduce === undefined ? {} : { reduce }),
  });
  expect(report.verdict).toBe('diverge');
  return report.comparisons.filter(({ verdict }) => verdict === 'diverge');
}

describe('a fault inside a Loop', () => {
  it.each([
    ['one per cent of a weight', withWeight('w', scaledAt(square(1), 4, 1.01)), 'multiply', 'MatMul', 0],
    ['one ULP of a weight', withWeight('w', scaledAt(square(1), 4, 1 + 2 ** -23)), 'multiply', 'MatMul', 0],
    ['a node wired otherwise', withWiring('squash', ['product']), 'squash', 'Tanh', 0],
  ])('%s is blamed on its node', async (_, change, node, opType, iteration) => {
    const rows = await blamed(looping, inBody(looping, change), { x });
    for (const row of rows) {
      expect(row.firstDivergence).toMatchObject({ node, opType, within: [{ node: 'steps', opType: 'Loop' }] });
      expect(row.firstDivergence?.within?.[0]?.iteration).toBeGreaterThanOrEqual(iteration);
      expect(row.firstDivergenceNote).toMatch(/^in iteration \d of steps \(Loop\)/);
    }
  });

  it('is told with the iteration where it shows first', async () => {
    const other = floats(
      [6, 3],
      Array.from({ length: 18 }, (_, i) => i / 20 + (i === 13 ? 0.01 : 0)),
    );
    // Outside of the body the weight differs in what its fourth iteration takes, so the node that takes it is blamed.
    const bad = {
      ...looping,
      graph: {
        ...looping.graph,
        initializers: looping.graph.initializers.map((one) =>
          one.name === 'biases' ? initializer('biases', other) : one,
        ),
      },
    };
    const [row] = await blamed(looping, bad, { x });
    expect(row?.firstDivergence).toMatchObject({ node: 'pick', within: [{ node: 'steps', iteration: 4 }] });
  });

  it('is reduced to the node alone, as a bundle', async () => {
    const bundle = join(folder, 'bundle');
    const bad = inBody(looping, withWeight('w', scaledAt(square(1), 4, 1.01)));
    const [row] = await blamed(looping, bad, { x }, bundle);
    expect(row?.bundle).toBe(bundle);
    expect((await readBundle(bundle)).model.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul']);
  });

  it('another number of iterations is blamed on what decides it', async () => {
    const stopping = (limit: number) =>
      inBody(looping, (graph) => ({
        ...withWiring('again', ['small'])(graph),
        initializers: [...graph.initializers, initializer('limit', integer(limit))],
        nodes: [nodeOf('Less', ['i', 'limit'], 'small', [], 'decide'), ...withWiring('again', ['small'])(graph).nodes],
      }));
    const onlyLast = (model: Model) => ({
      ...model,
      graph: { ...model.graph, outputs: model.graph.outputs.slice(0, 1) },
    });
    const [row] = await blamed(onlyLast(stopping(3)), onlyLast(stopping(2)), { x });
    expect(row?.firstDivergence).toMatchObject({ node: 'decide', opType: 'Less', within: [{ iteration: 2 }] });
  });
});

it('what decides an If inside of a Loop is blamed, in the iteration where the sides go other ways', async () => {
  const branch = (name: string, node: Node): Attribute => ({
    ...{ name, kind: 'graph' },
    value: modelOf({ outputs: { [node.outputs[0] ?? '']: ['float32', null] }, nodes: [node] }).graph,
  });
  const choosing = (limit: number) =>
    inBody(looping, (graph) => ({
      ...graph,
      initializers: [...graph.initializers, initializer('limit', integer(limit))],
      nodes: [
        nodeOf('Less', ['i', 'limit'], 'early', [], 'decide'),
        ...graph.nodes.filter(({ name }) => name !== 'squash'),
        nodeOf(
          'If',
          ['early'],
          'h_out',
          [branch('then_branch', nodeOf('Tanh', ['sum'], 't')), branch('else_branch', nodeOf('Relu', ['sum'], 'r'))],
          'choice',
        ),
      ].toSorted((a, b) => Number(a.name === 'tell') - Number(b.name === 'tell')),
    }));
  const [row] = await blamed(choosing(4), choosing(3), { x });
  expect(row?.firstDivergence).toMatchObject({ node: 'decide', opType: 'Less', within: [{ iteration: 3 }] });
});

describe('a fault inside a Scan', () => {
  it.each([
    ['one per cent of a weight of the body', withWeight('gain', floats([1, 3], [1, 2.02, 3])), 'gain', 'Mul'],
    ['a node wired otherwise', withWiring('fire', ['product']), 'fire', 'Relu'],
  ])('%s is blamed on its node', async (_, change, node, opType) => {
    const [row] = await blamed(scanning, inBody(scanning, change), { x: sequence, s0: floats([1, 3], [1, 1, 1]) });
    expect(row?.firstDivergence).toMatchObject({ node, opType, within: [{ node: 'sweep', opType: 'Scan' }] });
  });

  it('one per cent of a weight around the body is blamed on the node of the body that takes it', async () => {
    const bad = {
      ...scanning,
      graph: { ...scanning.graph, initializers: [initializer('w', scaledAt(square(2), 0, 1.01))] },
    };
    const [row] = await blamed(scanning, bad, { x: sequence, s0: floats([1, 3], [1, 1, 1]) });
    expect(row?.firstDivergence).toMatchObject({ node: 'multiply', within: [{ iteration: 0 }] });
  });
});

it('a loop within a loop is looked into', async () => {
  const nest = (model: Model): Model => {
    const [inner] = model.graph.nodes;
    const outer = nodeOf(
      'Loop',
      ['twice', 'yes', 'x'],
      'result',
      [
        withCondition(
          body(
            { j: ['int64', []], g: ['bool', []], x_in: ['float32', [1, 3]] },
            ['g_out', 'x_out'],
            [
              nodeOf('Identity', ['g'], 'g_out', [], 'outer again'),
              { ...(inner as Node), inputs: ['trips', 'yes', 'x_in'], outputs: ['x_last', 'unused'] },
              nodeOf('Neg', ['x_last'], 'x_out', [], 'turn'),
            ],
          ),
          'g_out',
        ),
      ],
      'rounds',
    );
    return modelOf({
      inputs: { x: ['float32', [1, 3]] },
      outputs: { result: ['float32', [1, 3]] },
      nodes: [outer],
      initializers: {
        twice: integer(2),
        trips: integer(6),
        yes,
        biases: floats(
          [6, 3],
          Array.from({ length: 18 }, (_, i) => i / 20),
        ),
      },
    });
  };
  const bad = inBody(looping, withWeight('w', scaledAt(square(1), 4, 1.01)));
  const [row] = await blamed(nest(looping), nest(bad), { x });
  expect(row?.firstDivergence).toMatchObject({
    node: 'multiply',
    within: [
      { node: 'rounds', iteration: 0 },
      { node: 'steps', iteration: 0 },
    ],
  });
});
