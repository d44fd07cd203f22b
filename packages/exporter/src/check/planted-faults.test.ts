import { describe, expect, it } from 'vitest';
import { IN, OUT, SOUND } from '../../test/faults/fault.js';
import { FORMAT_FAULTS } from '../../test/faults/format-faults.js';
import { GRAPH_FAULTS } from '../../test/faults/graph-faults.js';
import { OPERATOR_FAULTS } from '../../test/faults/operator-faults.js';
import { sketch } from '../../test/sketch.js';
import { initializer } from '../model/initializer.js';
import type { Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { checkModel } from './check-model.js';

describe('a planted fault is found by its rule, which names the node', () => {
  it.each([...FORMAT_FAULTS, ...OPERATOR_FAULTS, ...GRAPH_FAULTS])(
    '$rule: $fault',
    ({ rule, node, message, model, severity = 'error', also = [] }) => {
      const problems = checkModel(model());
      const own = problems.filter((problem) => problem.rule === rule);
      expect(own[0]).toMatchObject({ severity, node, message: expect.stringContaining(message) });
      const others = problems.filter((problem) => problem.rule !== rule && !also.includes(problem.rule));
      expect(others).toEqual([]);
    },
  );
});

/** Processor time in microseconds: unlike the clock's, it does not grow with what else the machine does. */
function timeOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user;
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
