import { describe, expect, it } from 'vitest';
import { expectSameOutputs } from '../../test/compare-runs.js';
import { nodeLines, sketch, sketchGraph } from '../../test/sketch.js';
import type { Graph, Model } from '../model/model.js';
import { inlineBranches } from './inline-branches.js';

const HEAD = `
  input x float32 [4]
  input deep bool []
  constant w float32 [] 3
  output y float32 [4]`;
const model = (nodes: string, graphs: Record<string, Graph>): Model => sketch(`${HEAD}\n${nodes}`, { graphs });
const feeds = (deep: boolean) => ({
  x: { dtype: 'float32', shape: [4], data: Float32Array.of(-1, 0.25, 0.75, 2) } as const,
  deep: { dtype: 'bool', shape: [], data: Uint8Array.of(deep ? 1 : 0) } as const,
});
const inlined = (given: Model, way: boolean, only: readonly string[] = []): Model => {
  const decide = ({ outputs: [name = ''] }: Graph['nodes'][number]) =>
    only.length === 0 || only.includes(name) ? way : undefined;
  return { ...given, graph: inlineBranches(given.graph, decide) };
};

describe('Ifs whose way is known', () => {
  const graphs = {
    taken: sketchGraph('constant c float32 [] 5\n h = Mul(x, c)\n output h float32'),
    other: sketchGraph('h = Neg(x)\n output h float32'),
  };
  const twice = model(
    'a = If(deep) then_branch=@taken else_branch=@other\n b = If(deep) then_branch=@other else_branch=@taken\n y = Sub(a, b)',
    graphs,
  );

  it.each([true, false])('give way to the branch taken (%s), with names and constants kept apart', async (way) => {
    const flat = inlined(twice, way);
    const kinds = [...(way ? ['Mul', 'Identity', 'Neg', 'Identity'] : ['Neg', 'Identity', 'Mul', 'Identity']), 'Sub'];
    expect(flat.graph.nodes.map(({ opType }) => opType)).toEqual(kinds);
    for (const names of [flat.graph.nodes.map(({ name }) => name), flat.graph.nodes.flatMap(({ outputs }) => outputs)])
      expect(new Set(names).size).toBe(names.length);
    await expectSameOutputs(twice, flat, feeds(way), 'bit-equal');
  });

  it('do not take names of bodies that stay, which ONNX Runtime would refuse', async () => {
    const flat = inlined(twice, true, ['a']);
    expect(nodeLines(flat.graph)[0]).toBe('a/h = Mul(x, a/c)');
    await expectSameOutputs(twice, flat, feeds(true), 'bit-equal');
  });

  it('bring along the types that the branch tells of its values', () => {
    const typed = {
      ...graphs,
      taken: sketchGraph('value h float32 [4]\n h = Neg(x)\n out = Abs(h)\n output out float32'),
    };
    const given = model('h = Mul(x, w)\n y = If(deep) then_branch=@taken else_branch=@other', typed);
    expect(inlined(given, true).graph.valueInfo.map(({ name }) => name)).toEqual(['y/h']);
  });

  it('give way inside each other, as far as they are known', async () => {
    const outer =
      'k = Abs(x)\n inner = If(deep) then_branch=@taken else_branch=@other\n r = Add(k, inner)\n output r float32';
    const nested = { ...graphs, outer: sketchGraph(outer, { graphs }) };
    const whole = model('y = If(deep) then_branch=@outer else_branch=@other', nested);
    expect(inlined(whole, true, ['y']).graph.nodes.map(({ opType }) => opType)).toEqual([
      'Abs',
      'If',
      'Add',
      'Identity',
    ]);
    const flat = inlined(whole, true);
    expect(flat.graph.nodes.map(({ opType }) => opType)).not.toContain('If');
    await expectSameOutputs(whole, flat, feeds(true), 'bit-equal');
  });

  it('may hand over a value from around them, and a constant of their own', async () => {
    const plain = {
      around: sketchGraph('output x float32'),
      constant: sketchGraph('constant c float32 [4] 1 2 3 4\n output c float32'),
    };
    const given = model('y = If(deep) then_branch=@around else_branch=@constant', plain);
    expect(nodeLines(inlined(given, true).graph)).toEqual(['y = Identity(x)']);
    expect(nodeLines(inlined(given, false).graph)).toEqual(['y = Identity(c)']);
    await expectSameOutputs(sketch(`${HEAD}\n y = Identity(x)`), inlined(given, true), feeds(true), 'bit-equal');
  });

  it('do not hide what a body reads from further out', () => {
    // In the body, h is a value of the graph around it; the branch has an h of its own.
    const body = sketchGraph(
      'k = If(deep) then_branch=@taken else_branch=@other\n out = Add(h, k)\n output out float32',
      { graphs },
    );
    expect(nodeLines(inlineBranches(body, () => true))).toEqual([
      'k/h = Mul(x, c)',
      'k = Identity(k/h)',
      'out = Add(h, k)',
    ]);
  });

  it('keep the bodies of a branch reading what they read, whatever it is called now', async () => {
    const inner = {
      ...graphs,
      reads: sketchGraph('k/g = Neg(g)\n s = Add(k/g, g)\n r = Sub(s, g)\n output r float32'),
    };
    const branch = 'g = Abs(x)\n r2 = If(deep) then_branch=@reads else_branch=@other\n output r2 float32';
    const both = {
      ...graphs,
      taken: sketchGraph(branch, { graphs: inner }),
      also: sketchGraph('g = Neg(x)\n output g float32'),
    };
    const given = model(
      'j = If(deep) then_branch=@also else_branch=@also\n k = If(deep) then_branch=@taken else_branch=@other\n y = Add(j, k)',
      both,
    );
    await expectSameOutputs(given, inlined(given, true, ['j', 'k']), feeds(true), 'bit-equal');
  });

  it('tell what metadata the results have', () => {
    const flat = inlineBranches(twice.graph, () => true, { metadata: ({ inputs }) => ({ by: inputs[0] ?? '' }) });
    expect(flat.nodes.find(({ outputs }) => outputs.includes('a'))?.metadata).toEqual({ by: 'deep' });
  });

  it('that nobody decides leave the graph the same object', () => {
    expect(inlineBranches(twice.graph, () => undefined)).toBe(twice.graph);
  });
});
