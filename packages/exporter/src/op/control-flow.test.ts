import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { inferShapes } from '../analysis/index.js';
import { buildModel, constant, input, type Value } from '../builder/index.js';
import { checkModel } from '../check/index.js';
import { decodeModel, encodeModel } from '../codec/index.js';
import type { Graph, Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import * as op from './index.js';

const x = input('x', 'float32', ['batch', 3]);
const flag = input('flag', 'bool', []);
const feeds = { x: tensor('float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)) };
const on = { flag: tensor('bool', [], Uint8Array.of(1)) };
const off = { flag: tensor('bool', [], Uint8Array.of(0)) };

function body({ graph }: Model, index: number, name: string): Graph {
  const attribute = graph.nodes[index].attributes.find((each) => each.name === name);
  if (attribute?.kind !== 'graph') throw new Error(name);
  return attribute.value;
}

const numbers = (value: { readonly data: unknown } | undefined) => Array.from(value?.data as Float32Array);
const types = ({ nodes }: Graph) => nodes.map(({ opType }) => opType);

describe('if', () => {
  const outside = op.mul(x, 2);
  const y = op.if(
    flag,
    () => op.add(outside, 1),
    () => op.neg(x),
  );
  const model = buildModel({ inputs: [x, flag], outputs: { y } });

  it('runs the branch that the condition picks', async () => {
    expect(numbers((await runOnCpu(model, { ...feeds, ...on })).y)).toEqual([3, 5, 7, 9, 11, 13]);
    expect(numbers((await runOnCpu(model, { ...feeds, ...off })).y)).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it('has inside what its functions make, outside what was there', () => {
    expect(types(model.graph)).toEqual(['Mul', 'If']);
    expect(types(body(model, 1, 'then_branch'))).toEqual(['Add']);
    expect(types(body(model, 1, 'else_branch'))).toEqual(['Neg']);
  });

  it('keeps what the branches have in common', () => {
    expect(y.type).toEqual({ kind: 'tensor', dtype: 'float32', shape: ['batch', 3] });
    const differing = op.if(
      flag,
      () => op.reduceSum(x, { axes: [1] }),
      () => x,
    );
    expect(differing.shape).toEqual(['batch', null]);
  });

  it('gives lists, and passes outer values and constants through', async () => {
    const [a, b] = op.if(
      flag,
      () => [x, constant([1, 2])],
      () => [outside, constant([3, 4])],
    );
    const both = buildModel({ inputs: [x, flag], outputs: { a, b } });
    const results = await runOnCpu(both, { ...feeds, ...off });
    expect([numbers(results.a), numbers(results.b)]).toEqual([
      [2, 4, 6, 8, 10, 12],
      [3, 4],
    ]);
  });

  it('nests', async () => {
    const z = op.if(
      flag,
      () => {
        const inner = op.add(x, 1);
        return op.if(
          op.not(flag),
          () => op.mul(inner, 100),
          () => op.mul(op.add(inner, outside), 10),
        );
      },
      () => x,
    );
    const nested = buildModel({ inputs: [x, flag], outputs: { z } });
    expect(numbers((await runOnCpu(nested, { ...feeds, ...on })).z)).toEqual([40, 70, 100, 130, 160, 190]);
    expect(checkModel(nested).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(decodeModel(encodeModel(nested)).graph.nodes.length).toBe(nested.graph.nodes.length);
  });
});

describe('loop', () => {
  it('counts', async () => {
    const { state, collected } = op.loop({ count: 4, state: [constant(1)] }, (round, power) => ({
      state: [op.mul(power, 2)],
      collect: [op.mul(power, op.cast(round, 'float32'))],
    }));
    const model = buildModel({ inputs: [], outputs: { last: state[0], all: collected[0] } });
    const results = await runOnCpu(model);
    expect([numbers(results.last), numbers(results.all)]).toEqual([[16], [0, 2, 8, 24]]);
  });

  it('goes on as long as its body says', async () => {
    const limit = input('limit', 'float32', []);
    const { state } = op.loop({ state: [constant(1)] }, (_, value) => {
      const next = op.mul(value, 3);
      return { state: [next], continue: op.less(next, limit) };
    });
    const model = buildModel({ inputs: [limit], outputs: { y: state[0] } });
    const { y } = await runOnCpu(model, { limit: tensor('float32', [], Float32Array.of(100)) });
    expect(numbers(y)).toEqual([243]);
  });

  it('keeps the shape of a state that keeps it, and forgets that of one that does not', async () => {
    const { state } = op.loop({ count: 3, state: [x, x] }, (_, fixed, growing) => ({
      state: [op.relu(fixed), op.concat([growing, x], { axis: 0 })],
    }));
    expect(state.map(({ shape }) => shape)).toEqual([
      ['batch', 3],
      [null, 3],
    ]);
    const { y } = await runOnCpu(buildModel({ inputs: [x], outputs: { y: state[1] } }), feeds);
    expect(y.shape).toEqual([8, 3]);
  });
});

describe('scan', () => {
  it('goes through slices with a state', async () => {
    const { state, collected } = op.scan({ state: [constant([0, 0, 0])], inputs: [x] }, ([sum], [row]) => {
      const next = op.add(sum, row);
      return { state: [next], collect: [next] };
    });
    expect(collected[0].shape).toEqual(['batch', 3]);
    const model = buildModel({ inputs: [x], outputs: { sum: state[0], running: collected[0] } });
    const results = await runOnCpu(model, feeds);
    expect([numbers(results.sum), numbers(results.running)]).toEqual([
      [5, 7, 9],
      [1, 2, 3, 5, 7, 9],
    ]);
  });

  it('along other axes', async () => {
    const { collected } = op.scan({ inputs: [x], inputAxes: [1], outputAxes: [1] }, (_, [column]) => ({
      state: [],
      collect: [op.mul(column, 10)],
    }));
    expect(collected[0].shape).toEqual(['batch', 3]);
    const { y } = await runOnCpu(buildModel({ inputs: [x], outputs: { y: collected[0] } }), feeds);
    expect(numbers(y)).toEqual([10, 20, 30, 40, 50, 60]);
  });
});

it('sequenceMap goes through a sequence', async () => {
  const squares = op.sequenceMap(op.sequenceConstruct(x, op.mul(x, 2)), (each) => op.mul(each, each));
  const y = op.concatFromSequence(squares, { axis: 0 });
  const model = buildModel({ inputs: [x], outputs: { y } });
  expect(numbers((await runOnCpu(model, feeds)).y)).toEqual([1, 4, 9, 16, 25, 36, 4, 16, 36, 64, 100, 144]);
});

describe('what belongs to a body', () => {
  let leaked: Value<'float32'> = x;
  const branches = () =>
    op.if(
      flag,
      () => {
        leaked = op.exp(x);
        return leaked;
      },
      () => x,
    );
  it('is not used outside it', () => {
    const y = branches();
    expect(() => buildModel({ inputs: [x, flag], outputs: { y, z: op.abs(leaked) } })).toThrow(
      'Exp is made inside a body and used outside it; make it before the body, or return it from the body',
    );
  });

  it('nor are its inputs', () => {
    let inner: Value<'float32'> = x;
    op.loop({ count: 1, state: [x] }, (_, state) => {
      inner = state;
      return { state: [state] };
    });
    expect(() => buildModel({ inputs: [x], outputs: { y: op.abs(inner) } })).toThrow(
      "'x' belongs to the body of Loop and is used outside it, by Abs",
    );
  });

  it('must fit', () => {
    expect(() => op.loop({ count: 1, state: [x] }, () => ({ state: [op.cast(x, 'int64') as never] }))).toThrow(
      'Loop: state 0 is float32 and becomes int64; cast it in the body',
    );
    expect(() => op.loop({ count: 1, state: [x] }, () => ({ state: [] as never }))).toThrow('becomes one of 0');
  });
});

it('types inside bodies are inferred again from the model alone', () => {
  const { state } = op.loop({ count: 3, state: [x] }, (_, value) => ({ state: [op.relu(value)] }));
  const model = buildModel({ inputs: [x], outputs: { y: state[0] } });
  const forgotten = {
    ...model,
    graph: {
      ...model.graph,
      valueInfo: [],
      outputs: model.graph.outputs.map((info) => ({ ...info, type: { kind: 'unknown' } as const })),
    },
  };
  expect(inferShapes(forgotten).graph.outputs[0].type).toEqual(state[0].type);
});
