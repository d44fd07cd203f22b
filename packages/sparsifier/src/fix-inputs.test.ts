import { buildModel, encodeModel, type Graph, input, type Model, type Node, op } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, expect, it } from 'vitest';
import { fixInputs } from './fix-inputs.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

/** y = relu(x) where rate is 16000, else −x: a model that keeps its networks in branches. */
const branching: Model = (() => {
  const x = input('x', 'float32', [3]);
  const rate = input('rate', 'int64', []);
  const model = buildModel({ inputs: [x, rate], outputs: { y: op.where(op.equal(rate, 16000n), x, x) } });
  const node = (opType: string, from: string, to: string): Node => ({
    ...{ name: to, opType, domain: '', overload: '', inputs: [from], outputs: [to], attributes: [], docString: '' },
    metadata: {},
  });
  const branch = (opType: string, result: string): Graph => ({
    ...{
      name: result,
      docString: '',
      inputs: [],
      initializers: [],
      sparseInitializers: [],
      valueInfo: [],
      metadata: {},
    },
    nodes: [node(opType, 'x', result)],
    outputs: [{ name: result, type: { kind: 'tensor', dtype: 'float32', shape: [3] }, docString: '', metadata: {} }],
  });
  const nodes = model.graph.nodes.map(
    (one): Node =>
      one.opType !== 'Where'
        ? one
        : {
            ...node('If', one.inputs[0] ?? '', 'y'),
            attributes: [
              { name: 'then_branch', kind: 'graph', value: branch('Relu', 'positive') },
              { name: 'else_branch', kind: 'graph', value: branch('Neg', 'negative') },
            ],
          },
  );
  return { ...model, graph: { ...model.graph, nodes } };
})();

it.each([
  [16000n, 'Relu', [0, 0, 2]],
  [8000n, 'Neg', [1, -0, -2]],
])('puts the branch that %s decides in the place of its If', async (rate, opType, expected) => {
  const fixed = fixInputs(branching, { rate: { dtype: 'int64', shape: [], data: BigInt64Array.of(rate) } });
  expect(fixed.graph.nodes.map((node) => node.opType)).toEqual([opType]);
  expect(fixed.graph.inputs.map(({ name }) => name)).toEqual(['x']);
  const session = await backend.open({ bytes: encodeModel(fixed) });
  const { outputs } = await session.run({ x: { dtype: 'float32', shape: [3], data: Float32Array.of(-1, 0, 2) } });
  await session.close();
  expect(Array.from(outputs.y?.data as Float32Array)).toEqual(expected);
});

it('keeps the names of a branch apart from those around it', async () => {
  // The branch calls its value as a node around it does.
  const nodes = branching.graph.nodes.flatMap((node): Node[] => {
    if (node.opType !== 'If') return [node];
    const rest = { ...node, attributes: [], opType: 'Abs', name: '', inputs: ['x'], outputs: ['positive'] };
    const sum = { ...rest, opType: 'Add', inputs: ['positive', 'chosen'], outputs: ['y'] };
    return [{ ...node, outputs: ['chosen'] }, rest, sum];
  });
  const clashing = { ...branching, graph: { ...branching.graph, nodes } };
  const rate = { dtype: 'int64', shape: [], data: BigInt64Array.of(16000n) } as const;
  const fixed = fixInputs(clashing, { rate });
  expect(fixed.graph.nodes.map((node) => node.opType).sort()).toEqual(['Abs', 'Add', 'Relu']);
  const session = await backend.open({ bytes: encodeModel(fixed) });
  const { outputs } = await session.run({ x: { dtype: 'float32', shape: [3], data: Float32Array.of(-1, 0, 2) } });
  await session.close();
  expect(Array.from(outputs.y?.data as Float32Array)).toEqual([1, 0, 4]);
});

it('refuses an input that is not there', () => {
  expect(() => fixInputs(branching, { sr: { dtype: 'int64', shape: [], data: BigInt64Array.of(1n) } })).toThrow(
    "no input 'sr'; choose from x, rate",
  );
});
