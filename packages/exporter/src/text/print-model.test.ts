import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ONNX_CASES } from '../../test/onnx-cases.js';
import { FULL_MODEL, MINIMAL_MODEL } from '../../test/sample-models.js';
import { decodeModel } from '../codec/decode.js';
import { initializer } from '../model/initializer.js';
import type { Attribute, Graph, Initializer, Model, Node, ValueInfo, ValueType } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { printModel } from './print-model.js';

const value = (name: string, type: ValueType): ValueInfo => ({ name, type, docString: '', metadata: {} });
const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Attribute[] = [],
  rest: Partial<Node> = {},
): Node => ({
  ...{ name: '', opType, domain: '', overload: '', inputs, outputs, attributes, docString: '', metadata: {} },
  ...rest,
});
const graph = (parts: Partial<Graph>): Graph => ({ ...MINIMAL_MODEL.graph, ...parts });
const model = (parts: Partial<Graph>): Model => ({ ...MINIMAL_MODEL, graph: graph(parts) });
const external = (name: string): Initializer => ({
  ...initializer(name, tensor('float16', [0], new Uint16Array(0))),
  shape: [8],
  content: { kind: 'external', location: 'w.bin', offset: 64, length: 16 },
});
const attributeLine = (attribute: Attribute) =>
  printModel(model({ nodes: [node('Op', ['x'], ['y'], [attribute])] })).split('\n')[3];

describe('the textual syntax', () => {
  it('shows a model', () => {
    const printed = printModel({
      ...model({
        inputs: [value('x', { kind: 'tensor', dtype: 'float32', shape: ['batch', 2] })],
        outputs: [value('y', { kind: 'tensor', dtype: 'float32', shape: ['batch', 2] })],
        valueInfo: [value('layer.0/h', { kind: 'tensor', dtype: 'bool', shape: null })],
        initializers: [
          initializer('w', tensor('float32', [2, 2], Float32Array.of(0.1, -2, 1e-8, Number.NaN))),
          initializer('large', tensor('int64', [300], new BigInt64Array(300))),
          external('far'),
        ],
        nodes: [
          node('MatMul', ['x', 'w'], ['layer.0/h'], [], { name: 'first' }),
          node('Clip', ['layer.0/h', '', 'large'], ['c']),
          node('Gelu', ['c'], ['y', ''], [{ name: 'approximate', kind: 'string', value: Uint8Array.of(0x22, 0x41) }], {
            domain: 'com.microsoft',
            overload: 'fast',
          }),
        ],
      }),
      producerName: 'a "test"',
      metadata: { author: 'me' },
    });
    expect(
      printed,
    ).toBe(`<ir_version: 10, opset_import: ["" : 21], producer_name: "a \\"test\\"", metadata_props: ["author": "me"]>
main (float[batch, 2] x) => (float[batch, 2] y)
<
  float[2, 2] w = {0.1, -2.0, 1e-8, nan},
  int64[300] large = {}, # 300 elements not shown
  float16[8] far = ["location": "w.bin", "offset": "64", "length": "16"],
  bool[] "layer.0/h"
>
{
  [first] "layer.0/h" = MatMul(x, w)
  c = Clip("layer.0/h", "", large)
  y, "" = com.microsoft.Gelu:fast <approximate = "\\"A"> (c)
}
`);
  });

  it('shows subgraphs as values of attributes, after the inputs', () => {
    const body = (output: string) => graph({ name: `${output}_body`, nodes: [node('Neg', ['x'], [output])] });
    const branches: Attribute[] = [
      { name: 'then_branch', kind: 'graph', value: body('a') },
      { name: 'else_branch', kind: 'graph', value: body('b') },
    ];
    expect(
      printModel(model({ nodes: [node('If', ['cond'], ['y'], branches)] }))
        .split('\n')
        .slice(2),
    ).toEqual([
      '{',
      '  y = If (cond) <',
      '    then_branch = a_body () => ()',
      '    {',
      '      a = Neg(x)',
      '    },',
      '    else_branch = b_body () => ()',
      '    {',
      '      b = Neg(x)',
      '    }',
      '  >',
      '}',
      '',
    ]);
  });

  it('shows functions with their attributes', () => {
    const theta: Attribute = { name: 'alpha', kind: 'reference', refName: 'theta', type: 'float' };
    const [fn] = FULL_MODEL.functions;
    const functions = [{ ...fn, nodes: [node('ThresholdedRelu', ['x'], ['y'], [theta])] }];
    expect(
      printModel({ ...MINIMAL_MODEL, functions })
        .split('\n')
        .slice(4),
    ).toEqual([
      '',
      '<domain: "com.example", opset_import: ["" : 26], doc_string: "why">',
      'Threshold <theta, alpha = 0.5> (x) => (y)',
      '<float[batch, 784, ?] x>',
      '{',
      '  y = ThresholdedRelu <alpha: float = @theta> (x)',
      '}',
      '',
    ]);
  });

  it.each<[string, Attribute]>([
    ['axis = -1', { name: 'axis', kind: 'int', value: -1n }],
    ['alpha = 2.0', { name: 'alpha', kind: 'float', value: 2 }],
    ['alpha = 0.2', { name: 'alpha', kind: 'float', value: Math.fround(0.2) }],
    ['alpha = 16777217.0', { name: 'alpha', kind: 'float', value: 16777217 }],
    ['alpha = -inf', { name: 'alpha', kind: 'float', value: -Infinity }],
    ['pads = [0, 1]', { name: 'pads', kind: 'ints', value: [0n, 1n] }],
    ['pads: ints = []', { name: 'pads', kind: 'ints', value: [] }],
    ['scales = [1.0, 0.5]', { name: 'scales', kind: 'floats', value: [1, 0.5] }],
    ['keys = ["a"]', { name: 'keys', kind: 'strings', value: [Uint8Array.of(0x61)] }],
    ['t = int4[3] {1, -8, 7}', { name: 't', kind: 'tensor', value: initializer('', int4()) }],
    ['t = string[1] s = {"a\\\\b"}', { name: 't', kind: 'tensor', value: initializer('s', text('a\\b')) }],
    ['type = seq(float[])', { name: 'type', kind: 'type', value: sequence() }],
  ])('shows the attribute <%s>', (shown, attribute) => {
    expect(attributeLine(attribute)).toBe(`  y = Op <${shown}> (x)`);
  });

  it('leaves out long lists and tensors, said in a comment that still reads as the attribute', () => {
    const many = Array.from({ length: 40 }, (_, index) => BigInt(index));
    const ints: Attribute = { name: 'nodes', kind: 'ints', value: many };
    const constant: Attribute = {
      name: 'value',
      kind: 'tensor',
      value: initializer('', tensor('int64', [40], BigInt64Array.from(many))),
    };
    const printed = printModel(model({ nodes: [node('Op', [], ['y'], [ints, constant])] }));
    expect(printed).toContain('nodes: ints = [ # 40 values not shown\n    ],');
    expect(printed).toContain('value = int64[40] { # 40 elements not shown\n    }');
    expect(printModel(model({ nodes: [node('Op', [], ['y'], [constant])] }), { maxElements: 40 })).toContain('38, 39}');
  });

  it('quotes what would read as something else, and shows no control characters', () => {
    const names = ['float', 'seq', 'inf', '1x', 'a-b', 'ñ', '', 'ok_1', '\x1b[2J', 'two\nlines'];
    const line = printModel(model({ nodes: [node('Op', names, ['y'])] })).split('{\n')[1];
    expect(line).toBe('  y = Op("float", "seq", "inf", "1x", "a-b", "ñ", "", ok_1, "\ufffd[2J", "two\nlines")\n}\n');
  });

  it('shows streamed elements without asking for them', () => {
    const streamed = {
      ...initializer('w', tensor('uint8', [1], Uint8Array.of(1))),
      shape: [4],
      content: { kind: 'stream' as const, byteLength: 4, chunks: () => expect.fail('asked') },
    };
    expect(printModel(model({ initializers: [streamed] }))).toContain('uint8[4] w = {} # 4 elements, streamed');
  });
});

describe.skipIf(ONNX_CASES.length === 0)('models of the ONNX project', () => {
  it('are shown whole: every node of every graph, brackets in pairs', () => {
    for (const { path, name } of ONNX_CASES) {
      const read = decodeModel(readFileSync(path));
      const bare = printModel(read, { maxElements: Number.POSITIVE_INFINITY }).replace(/"(\\.|[^"\\])*"/gs, '""');
      const code = bare.replace(/#.*$/gm, '');
      for (const [open, close] of ['()', '[]', '{}'])
        expect(code.split(open).length, name).toBe(code.split(close).length);
      const nodes = code.split('\n').filter((line) => /^\s+(\[\S+\] )?[\w", ]*= [\w.]+ ?[(<]/.test(line));
      const bodies = code.split('\n').filter((line) => /^\s+\w+ = \w+ \(.*\) => \(/.test(line));
      expect(nodes.length - bodies.length, name).toBe(countNodes(read.graph) + countFunctionNodes(read));
    }
  });
});

function countNodes(within: Graph): number {
  return countIn(within.nodes);
}

function countFunctionNodes({ functions }: Model): number {
  return functions.reduce((sum, fn) => sum + countIn(fn.nodes), 0);
}

function countIn(nodes: readonly Node[]): number {
  const graphs = nodes.flatMap(({ attributes }) =>
    attributes.flatMap((one) => (one.kind === 'graph' ? [one.value] : one.kind === 'graphs' ? one.value : [])),
  );
  return graphs.reduce((sum, inner) => sum + countNodes(inner), nodes.length);
}

function int4() {
  return tensor('int4', [3], Uint8Array.of(0x81, 0x07));
}

function text(content: string) {
  return tensor('string', [1], [content]);
}

function sequence(): ValueType {
  return { kind: 'sequence', element: { kind: 'tensor', dtype: 'float32', shape: null } };
}
