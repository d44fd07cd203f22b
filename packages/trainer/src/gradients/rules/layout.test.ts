import { constant, makeNode, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const ints = (list: readonly number[]) => constant(list.map(BigInt), 'int64');

interface Row {
  readonly name: string;
  readonly shapes: number[][];
  readonly build: (...inputs: Value[]) => Value;
  readonly declared?: (number | string | null)[][];
}

const ROWS: Row[] = [
  { name: 'Reshape', shapes: [[2, 6]], build: (x) => op.reshape(x, [3, -1]), declared: [['n', 6]] },
  { name: 'Flatten', shapes: [[2, 3, 4]], build: (x) => op.flatten(x), declared: [['n', 3, 'm']] },
  {
    name: 'Transpose',
    shapes: [[2, 3, 4]],
    build: (x) => op.transpose(x, { perm: [1, 2, 0] }),
    declared: [['n', 3, 'm']],
  },
  { name: 'Transpose, reversed', shapes: [[2, 3]], build: (x) => op.transpose(x), declared: [['n', null]] },
  { name: 'Squeeze', shapes: [[2, 1, 3]], build: (x) => apply('Squeeze', [x, ints([1])]), declared: [['n', 1, 3]] },
  { name: 'Unsqueeze', shapes: [[2, 3]], build: (x) => apply('Unsqueeze', [x, ints([0, 3])]), declared: [['n', 'm']] },
  { name: 'Expand', shapes: [[2, 1]], build: (x) => apply('Expand', [x, ints([3, 2, 4])]), declared: [['n', 1]] },
  { name: 'Tile', shapes: [[2, 3]], build: (x) => apply('Tile', [x, ints([2, 3])]), declared: [['n', 'm']] },
  {
    name: 'Trilu',
    shapes: [[3, 4]],
    build: (x) => apply('Trilu', [x, constant(1n)], { upper: 0 }),
    declared: [['n', 'm']],
  },
  {
    name: 'CumSum',
    shapes: [[3, 4]],
    build: (x) => apply('CumSum', [x, constant(1n)], { exclusive: 1 }),
    declared: [['n', 'm']],
  },
  {
    name: 'CumSum, reversed',
    shapes: [[3, 4]],
    build: (x) => apply('CumSum', [x, constant(0n)], { reverse: 1 }),
    declared: [['n', 'm']],
  },
  {
    name: 'Concat',
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    build: (...parts) => apply('Concat', parts, { axis: -1 }),
    declared: [
      ['n', 'a'],
      ['n', 'b'],
      ['n', null],
    ],
  },
  {
    name: 'Split',
    shapes: [[2, 6]],
    build: (x) => {
      const [a, , c] = makeNode(schemas.Split, [op.mul(x, 2), ints([1, 3, 2])], { axis: 1 }, { outputs: 3 });
      return op.mul(op.reshape(c, [2, 2]), op.reshape(a, [2, 1]));
    },
    declared: [['n', 6]],
  },
  {
    name: 'Slice with step 1',
    shapes: [[4, 5]],
    build: (x) => apply('Slice', [x, ints([1, -3]), ints([3, 100]), ints([0, -1])]),
    declared: [['n', 5]],
  },
  {
    name: 'Slice with steps',
    shapes: [[4, 5]],
    build: (x) => apply('Slice', [x, ints([-1, 0]), ints([-100, 5]), ints([0, 1]), ints([-2, 2])]),
    declared: [['n', 'm']],
  },
  {
    name: 'Pad',
    shapes: [[2, 3]],
    build: (x) => apply('Pad', [x, ints([1, 0, 0, 2])]),
    declared: [['n', 'm']],
  },
  { name: 'Pad, cutting', shapes: [[4, 3]], build: (x) => apply('Pad', [x, ints([-1, 0, -1, -1])]) },
  {
    name: 'Pad, reflecting',
    shapes: [[3, 4]],
    build: (x) => apply('Pad', [x, ints([1, 2, 1, 0])], { mode: 'reflect' }),
    declared: [['n', 'm']],
  },
  {
    name: 'Pad, repeating the edge',
    shapes: [[2, 3]],
    build: (x) => apply('Pad', [x, ints([2, 0, 0, 2])], { mode: 'edge' }),
    declared: [['n', 'm']],
  },
  {
    name: 'Gather of elements',
    shapes: [[5]],
    build: (x) => apply('Gather', [x, ints([4, 0, -1, 4])]),
    declared: [['n']],
  },
  {
    name: 'Gather of rows, one twice',
    shapes: [[4, 3]],
    build: (x) => apply('Gather', [x, op.reshape(ints([1, 3, 1, -1]), [2, 2])]),
    declared: [['n', 3]],
  },
  {
    name: 'Gather along another axis',
    shapes: [[2, 4, 2]],
    build: (x) => apply('Gather', [x, ints([3, 0, 3])], { axis: 1 }),
    declared: [['n', 4, 'm']],
  },
  {
    name: 'GatherElements',
    shapes: [[2, 3]],
    build: (x) => apply('GatherElements', [x, op.reshape(ints([0, 0, 2, 1]), [2, 2])], { axis: 1 }),
  },
  {
    name: 'GatherND',
    shapes: [[2, 3]],
    build: (x) => apply('GatherND', [x, op.reshape(ints([0, 2, 1, 1, 0, 2]), [3, 2])]),
  },
  {
    name: 'ReverseSequence',
    shapes: [[4, 3]],
    build: (x) => apply('ReverseSequence', [x, ints([1, 4, 2])]),
    declared: [['n', 3]],
  },
  { name: 'TopK', shapes: [[3, 5]], build: (x) => topValues(x), declared: [['n', 5]] },
];

function topValues(x: Value): Value {
  const [values, indices] = makeNode(schemas.TopK, [x, ints([2])], {}, { outputs: 2 });
  return op.add(values, op.mul(op.cast(indices, 'float64'), 0) as Value);
}

describe.each(ROWS)('$name', ({ shapes, build, declared }) => {
  const power = (...inputs: Value[]) => build(...inputs.map((x) => op.mul(x, x)));

  it('known shapes', async () => {
    expect(await gradientError({ shapes, build: power })).toBeLessThan(TOLERANCE);
  });

  it.runIf(declared !== undefined)('shapes known when running', async () => {
    expect(await gradientError({ shapes, declared: declared ?? [], build: power })).toBeLessThan(TOLERANCE);
  });
});

describe('DepthToSpace and SpaceToDepth, exact in float32', () => {
  it.each(['DCR', 'CRD'])('DepthToSpace %s', async (mode) => {
    const build = (x: Value) => apply('DepthToSpace', [x], { blocksize: 2, mode });
    expect(await gradientError({ shapes: [[1, 8, 2, 1]], build, exact: true })).toBe(0);
  });

  it('SpaceToDepth', async () => {
    const build = (x: Value) => apply('SpaceToDepth', [x], { blocksize: 2 });
    expect(await gradientError({ shapes: [[2, 1, 4, 2]], build, exact: true })).toBe(0);
  });
});
