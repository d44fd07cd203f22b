/** Small models for tests, written down as the format has them, so that they can be wrong where a test wants that. */
import {
  type DType,
  encodeModel,
  initializer,
  type Model,
  type Shape,
  type Tensor,
  type ValueType,
} from '@rheobase/exporter';

export interface SmallGraph {
  readonly inputs: Readonly<Record<string, ValueSpec>>;
  readonly outputs: Readonly<Record<string, ValueSpec>>;
  readonly nodes: readonly NodeSpec[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** Tensors whose elements are in a file beside the model. */
  readonly external?: Readonly<Record<string, { location: string; length: number; shape: readonly number[] }>>;
  readonly opset?: number;
  readonly irVersion?: number;
  readonly domains?: Readonly<Record<string, number>>;
}

export type ValueSpec = readonly [dtype: DType, shape: Shape] | ValueType;
export type NodeSpec = readonly [
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  options?: { readonly domain?: string; readonly ints?: Readonly<Record<string, number>> },
];

/** The bytes of such a model; node names are `n0`, `n1`, … */
export function modelBytes(graph: SmallGraph): Uint8Array {
  const { opset = 21, irVersion = 10, domains = {} } = graph;
  const model: Model = {
    irVersion,
    opsets: { '': opset, ...domains },
    graph: {
      name: 'main',
      docString: '',
      inputs: Object.entries(graph.inputs).map(valueInfo),
      outputs: Object.entries(graph.outputs).map(valueInfo),
      initializers: [
        ...Object.entries(graph.initializers ?? {}).map(([name, tensor]) => initializer(name, tensor)),
        ...Object.entries(graph.external ?? {}).map(([name, { location, length, shape }]) => ({
          name,
          dtype: 'float32' as const,
          shape,
          docString: '',
          content: { kind: 'external' as const, location, offset: 0, length },
          metadata: {},
        })),
      ],
      sparseInitializers: [],
      nodes: graph.nodes.map(([opType, inputs, outputs, options = {}], index) => ({
        name: `n${index}`,
        opType,
        domain: options.domain ?? '',
        overload: '',
        inputs,
        outputs,
        attributes: Object.entries(options.ints ?? {}).map(([name, value]) => ({
          name,
          kind: 'int' as const,
          value: BigInt(value),
        })),
        docString: '',
        metadata: {},
      })),
      valueInfo: [],
      metadata: {},
    },
    functions: [],
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    metadata: {},
  };
  return encodeModel(model);
}

/** y = x, for any element type and shape. */
export function identityModel(dtype: DType, shape: Shape): Uint8Array {
  return modelBytes({
    inputs: { x: [dtype, shape] },
    outputs: { y: [dtype, shape] },
    nodes: [['Identity', ['x'], ['y']]],
  });
}

/** Keeps one core busy for a long while: a chain of 2000 products of 1024 × 1024 matrices. */
export function endlessModel(): Uint8Array {
  const length = 2000;
  const products: NodeSpec[] = Array.from({ length }, (_, index) => ['MatMul', [`v${index}`, 'v0'], [`v${index + 1}`]]);
  const square: ValueSpec = ['float32', [1024, 1024]];
  return modelBytes({ inputs: { v0: square }, outputs: { [`v${length}`]: square }, nodes: products });
}

export function endlessFeeds(): Readonly<Record<string, Tensor>> {
  return { v0: { dtype: 'float32', shape: [1024, 1024], data: new Float32Array(1024 * 1024) } };
}

function valueInfo([name, spec]: [string, ValueSpec]) {
  const type: ValueType = 'kind' in spec ? spec : { kind: 'tensor', dtype: spec[0], shape: spec[1] };
  return { name, type, docString: '', metadata: {} };
}
