import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { inferShapes } from '../analysis/index.js';
import { checkModel } from '../check/index.js';
import { decodeModel, encodeModel } from '../codec/index.js';
import * as op from '../op/index.js';
import { tensor } from '../tensor/index.js';
import { buildModel } from './build-model.js';
import { defineFunction } from './define-function.js';
import { input } from './input.js';
import type { Value } from './value.js';

const x = input('x', 'float32', ['n']);
const theta = input('theta', 'float32', []);
const feeds = {
  x: tensor('float32', [3], Float32Array.of(-1, 0.5, 2)),
  theta: tensor('float32', [], Float32Array.of(1)),
};

const gate = defineFunction('Gate', (v: Value<'float32'>, t: Value<'float32'>) => op.where(op.greater(v, t), v, 0), {
  domain: 'example',
  inputs: ['x', 'theta'],
  docString: 'x where x > theta, 0 elsewhere',
});

describe('a function of a model', () => {
  const model = buildModel({ inputs: [x, theta], outputs: { y: gate(op.mul(x, 2), theta), z: gate(x, theta) } });

  it('is one node a call, and a body', () => {
    expect(model.graph.nodes.map(({ domain, opType, inputs }) => [domain, opType, inputs])).toEqual([
      ['', 'Mul', ['x', 'constant']],
      ['example', 'Gate', ['mul', 'theta']],
      ['example', 'Gate', ['x', 'theta']],
    ]);
    expect(
      model.functions.map(({ name, inputs, outputs, nodes }) => [
        name,
        inputs,
        outputs,
        nodes.map(({ opType }) => opType),
      ]),
    ).toEqual([['Gate', ['x', 'theta'], ['y'], ['Constant', 'Greater', 'Where']]]);
    expect(model.opsets).toEqual({ '': 21, example: 1 });
  });

  it('computes what its body says', async () => {
    const { y, z } = await runOnCpu(decodeModel(encodeModel(model)), feeds);
    expect([Array.from(y.data as Float32Array), Array.from(z.data as Float32Array)]).toEqual([
      [0, 0, 4],
      [0, 0, 2],
    ]);
  });

  it('has the types of its call, which follow from the model alone', () => {
    expect(model.graph.outputs[0].type).toEqual({ kind: 'tensor', dtype: 'float32', shape: ['n'] });
    const outputs = model.graph.outputs.map((info) => ({ ...info, type: { kind: 'unknown' } as const }));
    const inferred = inferShapes({ ...model, graph: { ...model.graph, valueInfo: [], outputs } });
    expect(inferred.graph.outputs.map(({ type }) => type)).toEqual(model.graph.outputs.map(({ type }) => type));
    expect(checkModel(model).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('is another one for another element type', async () => {
    const double = input('d', 'float64', ['n']);
    const half = defineFunction('Half', <D extends 'float32' | 'float64'>(v: Value<D>) => op.mul(v, 0.5));
    const both = buildModel({ inputs: [x, double], outputs: { a: half(x) as Value, b: half(double) as Value } });
    expect(both.functions.map(({ name }) => name)).toEqual(['Half', 'Half_2']);
    const { a, b } = await runOnCpu(both, { x: feeds.x, d: tensor('float64', [1], Float64Array.of(3)) });
    expect([a.data[0], b.data[0]]).toEqual([-0.5, 1.5]);
  });

  it('may call others, and have bodies inside', async () => {
    const twice = defineFunction('Twice', (v: Value<'float32'>) => op.add(v, v), { domain: 'example' });
    const outer = defineFunction('Outer', (v: Value<'float32'>, t: Value<'float32'>) => {
      const positive = op.greater(op.reduceMax(v, { keepdims: false }), t);
      return [
        op.if(
          positive,
          () => op.mul(twice(v), 10),
          () => op.neg(v),
        ),
        twice(t),
      ] as const;
    });
    const [a, b] = outer(x, theta);
    const { functions, ...rest } = buildModel({ inputs: [x, theta], outputs: { a, b } });
    expect(functions.map(({ name, opsets }) => [name, opsets])).toEqual([
      ['Twice', { '': 21 }],
      ['Outer', { '': 21, example: 1 }],
    ]);
    const results = await runOnCpu({ functions, ...rest }, feeds);
    expect(Array.from(results.a.data as Float32Array)).toEqual([-20, 10, 40]);
  });

  it('takes nothing from outside but its arguments', () => {
    const captures = defineFunction('Captures', (v: Value<'float32'>) => op.add(v, op.exp(theta)));
    expect(() => buildModel({ inputs: [x, theta], outputs: { y: captures(x) } })).toThrow(
      "the function Captures takes 'theta' from outside; make it an argument",
    );
  });
});
