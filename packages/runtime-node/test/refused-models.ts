/** Models that ONNX Runtime cannot load, each with the code and the text of the error that a backend makes of it. */
import type { DType } from '@rheobase/exporter/tensor';
import { modelBytes, type SmallGraph } from './models.js';

/** Relu of two floats, or what a test makes of it. */
export const relu = (graph: Partial<SmallGraph> = {}): SmallGraph => ({
  inputs: { x: ['float32', [2]] },
  outputs: { y: ['float32', [2]] },
  nodes: [['Relu', ['x'], ['y']]],
  ...graph,
});

export const REFUSED_MODELS: readonly [name: string, bytes: Uint8Array, code: string, text: RegExp][] = [
  ['no ONNX file', new TextEncoder().encode('this is no ONNX file'), 'bad-input', /not an ONNX model/],
  ['no bytes', new Uint8Array(0), 'bad-input', /not an ONNX model/],
  ['a cut file', modelBytes(relu()).subarray(0, 40), 'bad-input', /not an ONNX model/],
  [
    'an unknown operator',
    modelBytes(relu({ nodes: [['NoSuchOp', ['x'], ['y']]] })),
    'unsupported',
    /no operator NoSuchOp at opset 21/,
  ],
  [
    'an unknown domain',
    modelBytes(relu({ nodes: [['Foo', ['x'], ['y'], { domain: 'com.acme' }]], domains: { 'com.acme': 1 } })),
    'unsupported',
    /no operator com\.acme:Foo/,
  ],
  [
    'a domain without opset',
    modelBytes(relu({ nodes: [['Foo', ['x'], ['y'], { domain: 'com.acme' }]] })),
    'bad-input',
    /No opset import for domain 'com\.acme'/,
  ],
  ['an opset to come', modelBytes(relu({ opset: 99 })), 'unsupported', /opset 99 .* newer than 26/],
  ['an IR version to come', modelBytes(relu({ irVersion: 99 })), 'unsupported', /IR version 99 is newer/],
  [
    'an element type without kernel',
    modelBytes(
      relu({
        nodes: [
          ['Cast', ['x'], ['a'], { ints: { to: 16 } }],
          ['Add', ['a', 'a'], ['b']],
          ['Cast', ['b'], ['y'], { ints: { to: 1 } }],
        ],
      }),
    ),
    'unsupported',
    /node n1 \(Add\): .*no kernel of Add/,
  ],
  [
    'a value from nowhere',
    modelBytes(relu({ nodes: [['Relu', ['z'], ['y']]] })),
    'bad-input',
    /'z' is not a graph input/,
  ],
  [
    'an unknown attribute',
    modelBytes(relu({ nodes: [['Relu', ['x'], ['y'], { ints: { foo: 1 } }]] })),
    'bad-input',
    /Unrecognized attribute: foo/,
  ],
  [
    'shapes that cannot fit',
    modelBytes(
      relu({
        inputs: { x: ['float32', [2, 3]], z: ['float32', [2, 3]] },
        outputs: { y: ['float32', [2, 3]] },
        nodes: [['MatMul', ['x', 'z'], ['y']]],
      }),
    ),
    'bad-input',
    /Incompatible dimensions/,
  ],
  ['a bfloat16 output', castModel('bfloat16', 16), 'unsupported', /bfloat16.* cannot carry.*Cast/],
  ['a float8 output', castModel('float8e5m2', 19), 'unsupported', /float8e5m2.* cannot carry/],
  ['an int2 output', castModel('int2', 26, 25), 'unsupported', /int2.* cannot carry|no operator|newer/],
];

function castModel(dtype: DType, to: number, opset = 21): Uint8Array {
  return modelBytes({
    inputs: { x: ['float32', [2]] },
    outputs: { y: [dtype, [2]] },
    nodes: [['Cast', ['x'], ['y'], { ints: { to } }]],
    opset,
    irVersion: 13,
  });
}
