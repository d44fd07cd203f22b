import type { Attribute, Graph, Model } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { givenCases } from '../cases/index.js';
import { cpuBackend, faultyBackend } from '../fixtures/backends.js';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { changing, saved } from '../fixtures/network.js';
import { verify } from '../verify/verify.js';
import { inlineBranches, openIfs } from './inline-branches.js';

const branch = (name: string, nodes: Graph['nodes'], output: string): Attribute => ({
  name,
  kind: 'graph',
  value: modelOf({ outputs: { [output]: ['float32', null] }, nodes }).graph,
});

/** Both branches use the same names; one has an If of its own, which goes by another condition. */
const branching: Model = modelOf({
  inputs: { x: ['float32', [1, 4]], deep: ['bool', []], deeper: ['bool', []] },
  outputs: { y: ['float32', [1, 2]] },
  initializers: {
    w: floats([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    v: floats([2, 2], [1, 2, 3, 4]),
  },
  nodes: [
    nodeOf('MatMul', ['x', 'w'], 'a', [], 'outside'),
    nodeOf('If', ['deep'], 'y', [
      branch(
        'then_branch',
        [
          nodeOf('Relu', ['a'], 'h', [], 'relu'),
          nodeOf('If', ['deeper'], 'inner', [
            branch('then_branch', [nodeOf('MatMul', ['h', 'v'], 't', [], 'innermost')], 't'),
            branch('else_branch', [nodeOf('Neg', ['h'], 't', [], 'negated')], 't'),
          ]),
        ],
        'inner',
      ),
      branch('else_branch', [nodeOf('Abs', ['a'], 'h', [], 'abs')], 'h'),
    ]),
  ],
});

const cases = (model: Model) =>
  givenCases(
    model,
    [true, false].map((deep) => ({
      name: deep ? 'deep' : 'shallow',
      feeds: {
        x: floats([1, 4], [1, 2, 3, 4]),
        deep: { dtype: 'bool', shape: [], data: Uint8Array.of(deep ? 1 : 0) },
        deeper: { dtype: 'bool', shape: [], data: Uint8Array.of(1) },
      },
    })),
  );

describe('Ifs that are decided', () => {
  it('give way to the branch that is taken, names made different where they have to be', () => {
    const flat = inlineBranches(branching, new Map([['y', true]]));
    expect(flat.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Relu', 'If', 'Identity']);
    expect(openIfs(flat)).toHaveLength(1);
    const whole = inlineBranches(
      branching,
      new Map([
        ['y', true],
        ['inner', true],
      ]),
    );
    expect(openIfs(whole)).toEqual([]);
    expect(new Set(whole.graph.nodes.map(({ name }) => name)).size).toBe(whole.graph.nodes.length);
  });

  it('are blamed on what decides them, where the sides go other ways', async () => {
    const deciding = modelOf({
      inputs: { x: ['float32', [1, 2]] },
      outputs: { y: ['float32', [1, 2]] },
      initializers: { limit: floats([], [0]) },
      nodes: [
        nodeOf('ReduceSum', ['x'], 'sum', [{ name: 'keepdims', kind: 'int', value: 0n }], 'total'),
        nodeOf('Greater', ['sum', 'limit'], 'is', [], 'decide'),
        nodeOf('If', ['is'], 'y', [
          branch('then_branch', [nodeOf('Neg', ['x'], 't', [], 'turn')], 't'),
          branch('else_branch', [nodeOf('Exp', ['x'], 't', [], 'raise')], 't'),
        ]),
      ],
    });
    const backends = [
      cpuBackend(),
      faultyBackend(
        'bad/cpu',
        changing('limit', 0, () => 100),
      ),
    ];
    const feeds = { x: floats([1, 2], [1, 2]) };
    const { comparisons } = await verify({
      ...{ models: [saved('deciding.onnx', deciding)], backends, baseline: 'node/cpu', runs: 0 },
      cases: (model) => givenCases(model, [{ name: 'given', feeds }]),
    });
    expect(comparisons[0]).toMatchObject({
      verdict: 'diverge',
      firstDivergence: { node: 'decide', opType: 'Greater' },
    });
  });

  it('let a fault be blamed on the node of a branch within a branch, in the cases that go there', async () => {
    const { comparisons } = await verify({
      models: [saved('branching.onnx', branching)],
      backends: [
        cpuBackend(),
        faultyBackend(
          'bad/cpu',
          changing('v', 1, (v) => v * 1.01),
        ),
      ],
      baseline: 'node/cpu',
      runs: 0,
      cases,
    });
    expect(comparisons.map((row) => [row.case, row.verdict, row.firstDivergence?.node])).toEqual([
      ['deep', 'diverge', 'innermost'],
      ['shallow', 'agree', undefined],
    ]);
    expect(comparisons[0]?.suspects[0]).toMatchObject({ opType: 'MatMul', role: 'creates' });
  });
});
