/** Faults of how nodes are tied together, in graphs, subgraphs and functions. */
import { sketch, sketchFunction } from '../sketch.js';
import { branch, CONDITION, calling, type Fault, gate, IN, lines, OUT, sound } from './fault.js';

export const GRAPH_FAULTS: readonly Fault[] = [
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
];
