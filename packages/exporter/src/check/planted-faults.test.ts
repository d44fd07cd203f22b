import { describe, expect, it } from 'vitest';
import { type SketchOptions, sketch, sketchFunction, sketchGraph } from '../../test/sketch.js';
import { initializer } from '../model/initializer.js';
import type { Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { checkModel } from './check-model.js';

const SOUND =
  'input x float32 [n,4]\n constant w float32 [4] 1 2 3 4\n a = Mul(x, w)\n y = Relu(a)\n output y float32 [n,4]';

interface Fault {
  readonly fault: string;
  readonly rule: string;
  readonly node: string | null;
  readonly message: string;
  readonly model: () => Model;
  readonly severity?: 'warning';
  /** Other rules that see the same fault from their side. */
  readonly also?: readonly string[];
}

const IN = 'input x float32 [n,4]';
const OUT = 'output y float32';
const lines = (nodes: string, options?: SketchOptions) => () => sketch(`${IN}\n ${nodes}\n ${OUT}`, options);
const sound = (change: (model: Model) => Model) => () => change(sketch(SOUND));
const withTensor = (change: Partial<Model['graph']['initializers'][number]>) =>
  sound((model) => {
    const [w] = model.graph.initializers;
    return { ...model, graph: { ...model.graph, initializers: [{ ...w, ...change }] } };
  });

const branch = (nodes: string) => sketchGraph(`${nodes}\n output r float32`);
const CONDITION = 'input b bool []';
const gate = sketchFunction('local', 'Gate', ['x'], ['y'], 'y = Relu(x)');
const calling = (fn: typeof gate, opsets: Record<string, number> = { '': 21, local: 1 }) =>
  lines('y = local:Gate(x)', { opsets, functions: [fn] });

const FAULTS: readonly Fault[] = [
  {
    fault: 'no graph name',
    rule: 'structure',
    node: null,
    message: 'no name',
    model: sound((m) => ({ ...m, graph: { ...m.graph, name: '' } })),
  },
  {
    fault: 'no outputs',
    rule: 'structure',
    node: null,
    message: 'no outputs',
    model: sound((m) => ({ ...m, graph: { ...m.graph, outputs: [] } })),
    also: ['dead-node'],
  },
  {
    fault: 'no IR version',
    rule: 'structure',
    node: null,
    message: 'no IR version',
    model: sound((m) => ({ ...m, irVersion: 0 })),
  },
  {
    fault: 'an IR version older than the opset',
    rule: 'structure',
    node: null,
    message: 'IR version 4 is older than opset 21',
    severity: 'warning',
    model: sound((m) => ({ ...m, irVersion: 4 })),
  },
  {
    fault: 'an input without a type',
    rule: 'structure',
    node: null,
    message: "graph input 'x' has no type",
    model: () => sketch('input x\n y = Relu(x)\n output y'),
  },
  {
    fault: 'a node without operator',
    rule: 'structure',
    node: 'Relu_y',
    message: 'no operator',
    model: sound((m) => ({
      ...m,
      graph: { ...m.graph, nodes: m.graph.nodes.map((n) => (n.opType === 'Relu' ? { ...n, opType: '' } : n)) },
    })),
  },
  {
    fault: 'a node without output',
    rule: 'structure',
    node: 'Exp_',
    message: 'Exp has no output',
    model: sound((m) => ({
      ...m,
      graph: {
        ...m.graph,
        nodes: [...m.graph.nodes, { ...m.graph.nodes[0], opType: 'Exp', name: 'Exp_', inputs: ['x'], outputs: [''] }],
      },
    })),
    also: ['dead-node'],
  },

  {
    fault: 'no import of ai.onnx',
    rule: 'opset',
    node: 'Mul_a',
    message: 'needs an import of ai.onnx',
    model: sound((m) => ({ ...m, opsets: { 'com.example': 1 } })),
  },
  {
    fault: 'no import at all',
    rule: 'structure',
    node: null,
    message: 'imports no opset',
    model: sound((m) => ({ ...m, opsets: {} })),
    also: ['opset'],
  },
  {
    fault: 'an unknown operator',
    rule: 'opset',
    node: 'Rellu_y',
    message: 'ai.onnx has no operator Rellu',
    model: lines('y = Rellu(x)'),
  },
  {
    fault: 'an operator of a later opset',
    rule: 'opset',
    node: 'Swish_y',
    message: 'Swish came with opset 24, the model imports 21',
    model: lines('y = Swish(x)'),
  },
  {
    fault: 'a deprecated operator',
    rule: 'opset',
    node: 'Upsample_y',
    message: 'deprecated since opset 10',
    model: lines('s = Relu(x)\n y = Upsample(x, s)'),
  },
  {
    fault: 'a domain that is not imported',
    rule: 'opset',
    node: 'Gelu_y',
    message: 'needs an import of com.example',
    model: lines('y = com.example:Gelu(x)'),
  },
  {
    fault: 'an opset from the future',
    rule: 'opset',
    node: null,
    message: 'newer than the newest known',
    severity: 'warning',
    model: lines('y = Relu(x)', { opset: 99 }),
    also: ['structure'],
  },

  { fault: 'too few inputs', rule: 'arity', node: 'Add_y', message: 'lacks its input B', model: lines('y = Add(x)') },
  {
    fault: 'a needed input left out',
    rule: 'arity',
    node: 'Where_y',
    message: 'lacks its input X',
    model: lines('c = Greater(x, x)\n y = Where(c, , x)'),
  },
  {
    fault: 'too many inputs',
    rule: 'arity',
    node: 'Relu_y',
    message: 'at most 1 inputs, the node has 2',
    model: lines('y = Relu(x, x)'),
  },
  {
    fault: 'too many outputs',
    rule: 'arity',
    node: 'Relu_y',
    message: 'at most 1 outputs, the node has 2',
    model: lines('y, z = Relu(x)'),
  },
  {
    fault: 'a variadic operator without input',
    rule: 'arity',
    node: 'Sum_y',
    message: 'at least 1 inputs',
    model: lines('y = Sum()'),
  },
  {
    fault: 'too many inputs of a function',
    rule: 'arity',
    node: 'Gate_y',
    message: 'at most 1 inputs',
    model: lines('y = local:Gate(x, x)', { opsets: { '': 21, local: 1 }, functions: [gate] }),
  },

  {
    fault: 'an unknown attribute',
    rule: 'attributes',
    node: 'Relu_y',
    message: "Relu has no attribute 'alpha'",
    model: lines('y = Relu(x) alpha=0.5'),
  },
  {
    fault: 'an attribute of a later opset',
    rule: 'attributes',
    node: 'Cast_y',
    message: "Cast has no attribute 'saturate' before opset 19",
    model: lines('y = Cast(x) to=1 saturate=1', { opset: 18 }),
  },
  {
    fault: 'an attribute of an earlier opset',
    rule: 'attributes',
    node: 'Squeeze_y',
    message: 'it was there in opset 11',
    model: lines('y = Squeeze(x) axes=[0]'),
  },
  {
    fault: 'a missing attribute',
    rule: 'attributes',
    node: 'Cast_y',
    message: "Cast lacks its attribute 'to'",
    model: lines('y = Cast(x)'),
    also: ['shapes'],
  },
  {
    fault: 'an attribute of the wrong kind',
    rule: 'attributes',
    node: 'Softmax_y',
    message: "attribute 'axis' of Softmax is int, not float",
    model: lines('y = Softmax(x) axis=1.5'),
  },
  {
    fault: 'an attribute given twice',
    rule: 'attributes',
    node: 'Softmax_y',
    message: 'given twice',
    model: lines('y = Softmax(x) axis=1 axis=1'),
  },
  {
    fault: 'a reference outside a function',
    rule: 'attributes',
    node: 'Relu_y',
    message: 'outside a function',
    model: sound((m) => ({
      ...m,
      graph: {
        ...m.graph,
        nodes: m.graph.nodes.map((n) =>
          n.opType === 'Relu'
            ? { ...n, opType: 'Elu', attributes: [{ name: 'alpha', kind: 'reference', refName: 'a', type: 'float' }] }
            : n,
        ),
      },
    })),
  },
  {
    fault: 'a function without its attribute',
    rule: 'attributes',
    node: 'Gate_y',
    message: "lacks its attribute 'theta'",
    model: calling({ ...gate, attributeNames: ['theta'] }),
  },

  {
    fault: 'an element type that the operator does not take',
    rule: 'types',
    node: 'And_y',
    message: 'not among bool',
    model: lines('y = And(x, x)'),
  },
  {
    fault: 'operands of different types',
    rule: 'types',
    node: 'Add_y',
    message: 'must agree',
    model: lines('i = Cast(x) to=7\n y = Add(x, i)'),
  },
  {
    fault: 'a type wrong only in this opset',
    rule: 'types',
    node: 'Relu_y',
    message: 'int32',
    model: () => sketch(`input x int32 [4]\n y = Relu(x)\n output y int32`, { opset: 13 }),
  },
  {
    fault: 'a declared type that the nodes contradict',
    rule: 'shapes',
    node: 'Cast_y',
    message: 'declared float32, computed int64',
    model: lines('y = Cast(x) to=7'),
  },
  {
    fault: 'shapes that do not broadcast',
    rule: 'shapes',
    node: 'Add_y',
    message: '',
    model: lines('constant w float32 [3] 1 2 3\n y = Add(x, w)'),
  },
  {
    fault: 'a product of unfit matrices',
    rule: 'shapes',
    node: 'MatMul_y',
    message: '',
    model: lines('constant w float32 [3,1] 1 2 3\n y = MatMul(x, w)'),
  },
  {
    fault: 'a declared shape that the nodes contradict',
    rule: 'shapes',
    node: 'Transpose_y',
    message: 'declared',
    model: () => sketch('input x float32 [2,4]\n y = Transpose(x)\n output y float32 [2,4]'),
  },

  {
    fault: 'a value that nothing produces',
    rule: 'dangling-name',
    node: 'Add_y',
    message: "reads 'z', which nothing produces",
    model: lines('y = Add(x, z)'),
  },
  {
    fault: 'an output that nothing produces',
    rule: 'missing-output',
    node: null,
    message: "output 'y'",
    model: lines('z = Relu(x)\n output z float32'),
  },
  {
    fault: 'a value produced twice',
    rule: 'duplicate-name',
    node: 'Exp_y',
    message: "'y' is defined before",
    model: lines('y = Relu(x)\n y = Exp(x)'),
  },
  {
    fault: 'a node that overwrites an input',
    rule: 'duplicate-name',
    node: 'Relu_x',
    message: "'x' is defined before",
    model: lines('y = Exp(x)\n x = Relu(y)'),
    also: ['cycle', 'dead-node'],
  },
  {
    fault: 'two initializers of one name',
    rule: 'duplicate-name',
    node: null,
    message: "two initializers are named 'w'",
    model: lines('constant w float32 [] 1\n constant w float32 [] 2\n y = Add(x, w)'),
  },
  {
    fault: 'two inputs of one name',
    rule: 'duplicate-name',
    node: null,
    message: "two inputs are named 'x'",
    model: () => sketch(`${IN}\n ${IN}\n y = Relu(x)\n ${OUT}`),
  },
  {
    fault: 'two nodes of one name',
    rule: 'duplicate-name',
    node: 'Relu_a',
    message: "two nodes are named 'Relu_a'",
    severity: 'warning',
    model: sound((m) => ({ ...m, graph: { ...m.graph, nodes: m.graph.nodes.map((n) => ({ ...n, name: 'Relu_a' })) } })),
  },
  {
    fault: 'a value read before it is produced',
    rule: 'order',
    node: 'Relu_y',
    message: "reads 'a' before Exp_a produces it",
    model: lines('y = Relu(a)\n a = Exp(x)'),
    also: ['dead-node'],
  },
  {
    fault: 'a cycle',
    rule: 'cycle',
    node: 'Add_a',
    message: 'Add_a → Exp_b → Add_a',
    model: lines('a = Add(x, b)\n b = Exp(a)\n y = Relu(b)'),
  },
  {
    fault: 'a node that reads its own output',
    rule: 'cycle',
    node: 'Add_y',
    message: 'Add_y → Add_y',
    model: lines('y = Add(x, y)'),
  },

  {
    fault: 'an initializer nobody reads',
    rule: 'unused-initializer',
    node: null,
    message: "'w'",
    severity: 'warning',
    model: lines('constant w float32 [] 1\n y = Relu(x)'),
  },
  {
    fault: 'a dead node',
    rule: 'dead-node',
    node: 'Exp_z',
    message: 'no output depends on Exp',
    severity: 'warning',
    model: lines('z = Exp(x)\n y = Relu(x)'),
  },
  {
    fault: 'a function nobody calls',
    rule: 'unused-function',
    node: null,
    message: 'local.Gate',
    severity: 'warning',
    model: lines('y = Relu(x)', { opsets: { '': 21, local: 1 }, functions: [gate] }),
  },

  {
    fault: 'elements that do not fit the shape',
    rule: 'initializer-data',
    node: null,
    message: "the tensor 'w' of shape [5] takes 5 elements, it has 4",
    model: withTensor({ shape: [5] }),
    also: ['shapes'],
  },
  {
    fault: 'elements of another type',
    rule: 'initializer-data',
    node: null,
    message: 'is int32, its elements are float32',
    model: withTensor({ dtype: 'int32' }),
    also: ['types'],
  },
  {
    fault: 'external data of another length',
    rule: 'initializer-data',
    node: null,
    message: 'its file part has 8',
    model: withTensor({ content: { kind: 'external', location: 'w.bin', offset: 0, length: 8 } }),
  },
  {
    fault: 'a location outside the folder',
    rule: 'external-data',
    node: null,
    message: "'../w.bin' of the tensor 'w' leaves the folder",
    model: withTensor({ content: { kind: 'external', location: '../w.bin', offset: 0, length: 16 } }),
  },
  {
    fault: 'an absolute location',
    rule: 'external-data',
    node: null,
    message: 'not relative',
    model: withTensor({ content: { kind: 'external', location: '/etc/passwd', offset: 0, length: 16 } }),
  },
  {
    fault: 'a default that its input does not fit',
    rule: 'initializer-data',
    node: null,
    message: "graph input 'w'",
    model: () => sketch(`${IN}\n input w float32 [2]\n constant w float32 [4] 1 2 3 4\n y = Mul(x, w)\n ${OUT}`),
    also: ['shapes'],
  },

  {
    fault: 'a branch with too few outputs',
    rule: 'subgraph',
    node: 'If_y',
    message: 'then_branch of If gives 1 outputs, 2 are used',
    model: lines(`${CONDITION}\n y, z = If(b) then_branch=@one else_branch=@one`, {
      graphs: { one: branch('r = Relu(x)') },
    }),
  },
  {
    fault: 'a body that takes the wrong inputs',
    rule: 'subgraph',
    node: 'Loop_y',
    message: 'takes 0 inputs, it is given 3',
    model: lines(`${CONDITION}\n constant m int64 [] 2\n y = Loop(m, b, x) body=@none`, {
      graphs: { none: branch('r = Relu(x)') },
    }),
  },
  {
    fault: 'a dangling name in a branch',
    rule: 'dangling-name',
    node: 'Relu_r',
    message: 'in a subgraph of If_y',
    model: lines(`${CONDITION}\n y = If(b) then_branch=@bad else_branch=@good`, {
      graphs: { bad: branch('r = Relu(gone)'), good: branch('r = Relu(x)') },
    }),
  },
  {
    fault: 'a name that hides an outer one',
    rule: 'duplicate-name',
    node: 'Relu_x',
    message: 'hides a value of the same name',
    model: lines(`${CONDITION}\n y = If(b) then_branch=@bad else_branch=@good`, {
      graphs: { bad: branch('x = Relu(b2)\n r = Exp(x)\n constant b2 float32 [] 1'), good: branch('r = Relu(x)') },
    }),
  },
  {
    fault: 'a branch that reads what comes later',
    rule: 'order',
    node: 'If_y',
    message: "reads 'late' before",
    model: lines(`${CONDITION}\n y = If(b) then_branch=@bad else_branch=@good\n late = Exp(x)`, {
      graphs: { bad: branch('r = Relu(late)'), good: branch('r = Relu(x)') },
    }),
    also: ['dead-node'],
  },
  {
    fault: 'an unknown operator in a branch',
    rule: 'opset',
    node: 'Rellu_r',
    message: 'no operator Rellu',
    model: lines(`${CONDITION}\n y = If(b) then_branch=@bad else_branch=@good`, {
      graphs: { bad: branch('r = Rellu(x)'), good: branch('r = Relu(x)') },
    }),
  },
  {
    fault: 'unfit types in a branch',
    rule: 'types',
    node: 'And_r',
    message: 'not among bool',
    model: lines(`${CONDITION}\n y = If(b) then_branch=@bad else_branch=@good`, {
      graphs: { bad: branch('r = And(x, x)'), good: branch('r = Relu(x)') },
    }),
  },

  {
    fault: 'a function whose domain is not imported',
    rule: 'function',
    node: null,
    message: 'does not import the domain',
    model: calling(gate, { '': 21 }),
  },
  {
    fault: 'two functions of one name',
    rule: 'function',
    node: null,
    message: 'two functions',
    model: lines('y = local:Gate(x)', { opsets: { '': 21, local: 1 }, functions: [gate, gate] }),
    also: ['unused-function'],
  },
  {
    fault: 'a function that calls itself',
    rule: 'function',
    node: 'Gate_y',
    message: 'calls itself',
    model: calling({
      ...sketchFunction('local', 'Gate', ['x'], ['y'], 'y = local:Gate(x)'),
      opsets: { '': 21, local: 1 },
    }),
  },
  {
    fault: 'a dangling name in a function',
    rule: 'dangling-name',
    node: 'Add_y',
    message: 'in the function Gate',
    model: calling(sketchFunction('local', 'Gate', ['x'], ['y'], 'y = Add(x, gone)')),
  },
  {
    fault: 'a function that needs a later opset',
    rule: 'opset',
    node: 'Gelu_y',
    message: 'Gelu came with opset 20, the function imports 17',
    model: calling({ ...sketchFunction('local', 'Gate', ['x'], ['y'], 'y = Gelu(x)'), opsets: { '': 17 } }),
  },
  {
    fault: 'unfit types inside a call',
    rule: 'types',
    node: 'And_y',
    message: 'not among bool',
    model: calling(sketchFunction('local', 'Gate', ['x'], ['y'], 'y = And(x, x)')),
  },
];

describe('a planted fault is found by its rule, which names the node', () => {
  it.each(FAULTS)('$rule: $fault', ({ rule, node, message, model, severity = 'error', also = [] }) => {
    const problems = checkModel(model());
    const own = problems.filter((problem) => problem.rule === rule);
    expect(own[0]).toMatchObject({ severity, node, message: expect.stringContaining(message) });
    const others = problems.filter((problem) => problem.rule !== rule && !also.includes(problem.rule));
    expect(others).toEqual([]);
  });
});

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe('a sound model', () => {
  it('has no problems', () => {
    expect(checkModel(sketch(SOUND))).toEqual([]);
  });

  it('may use operators of other domains that it imports', () => {
    const model = sketch(
      'input x float32\n y = com.microsoft:Gelu(x)\n z = ai.onnx.ml:Scaler(y) offset=0.5\n output z float32',
      {
        opsets: { '': 21, 'com.microsoft': 1, 'ai.onnx.ml': 3 },
      },
    );
    expect(checkModel(model)).toEqual([]);
  });

  it('is checked in time proportional to its size', () => {
    const chain = (length: number) =>
      sketch(
        `${IN}\n v0 = Relu(x)\n ${Array.from({ length }, (_, index) => `v${index + 1} = Relu(v${index})`).join('\n')}\n y = Relu(v${length})\n ${OUT}`,
      );
    const [small, large] = [chain(2_000), chain(20_000)];
    const best = (model: Model) =>
      Math.min(...[1, 2, 3].map(() => timeOf(() => expect(checkModel(model)).toEqual([]))));
    best(small);
    expect(best(large)).toBeLessThan(40 * best(small));
  });
});

it('problems have exactly four fields, errors first', () => {
  const problems = checkModel(sketch(`${IN}\n constant w float32 [] 1\n y = Rellu(x)\n ${OUT}`));
  expect(problems).toEqual([
    { severity: 'error', rule: 'opset', node: 'Rellu_y', message: 'ai.onnx has no operator Rellu' },
    { severity: 'warning', rule: 'unused-initializer', node: null, message: "nothing reads the initializer 'w'" },
  ]);
});

it('a tensor in an attribute', () => {
  const broken = { ...initializer('', tensor('float32', [1], Float32Array.of(1))), shape: [2] };
  const model = sketch(`${IN}\n c = Constant()\n y = Add(x, c)\n ${OUT}`);
  const nodes = model.graph.nodes.map((node) =>
    node.opType === 'Constant'
      ? { ...node, attributes: [{ name: 'value', kind: 'tensor' as const, value: broken }] }
      : node,
  );
  const problems = checkModel({ ...model, graph: { ...model.graph, nodes } });
  expect(problems.find(({ rule }) => rule === 'initializer-data')).toMatchObject({
    node: 'Constant_c',
    message: expect.stringContaining('of shape [2] takes 2 elements, it has 1'),
  });
});
