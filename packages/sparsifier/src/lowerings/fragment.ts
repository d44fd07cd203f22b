/**
 * A piece of graph under construction that takes the place of one node: its nodes, the constants they read, and
 * subgraphs that read values around them by name, as ONNX has them. Names are fresh in the whole model, so that a
 * fragment can be put anywhere.
 */
import {
  type Attribute,
  type FreshNames,
  type Graph,
  type Initializer,
  initializer,
  literalTensor,
  type Node,
  plainNode,
  valueInfo,
} from '@rheobase/exporter';
import type { DType, Tensor } from '@rheobase/exporter/tensor';

export type AttributeInput = number | readonly number[] | Graph;

export class Fragment {
  readonly nodes: Node[] = [];

  /**
   * @param base what new names begin with: the name of the node that is replaced.
   * @param constants where this fragment and its subgraphs put what they make; it belongs to the main graph.
   */
  constructor(
    private readonly base: string,
    private readonly names: FreshNames,
    readonly constants: Initializer[] = [],
    /** A subgraph's own constants; undefined for a piece of the main graph. */
    private readonly locals?: Initializer[],
  ) {}

  /** Adds a node with one output, and answers the output's name. */
  op(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeInput>> = {}): string {
    return this.ops(opType, inputs, 1, attributes)[0] ?? '';
  }

  /** Adds a node with `count` outputs, and answers their names. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): string[] {
    const name = this.fresh(opType);
    const outputs = Array.from({ length: count }, (_, index) => this.names.fresh(`${name}:${index}`));
    this.nodes.push(plainNode(opType, inputs, outputs, { name, attributes: attributesOf(opType, attributes) }));
    return outputs;
  }

  /** Adds a constant. */
  constant(tensor: Tensor): string {
    const name = this.fresh('constant');
    this.constants.push(initializer(name, tensor));
    return name;
  }

  /** A copy of a constant in this very graph, and its name there. Outside of a subgraph it is the constant itself. */
  localConstant(constant: Initializer): string {
    if (this.locals === undefined) return constant.name;
    const name = this.fresh('constant');
    this.locals.push({ ...constant, name });
    return name;
  }

  /** An int64 vector. */
  integers(...values: readonly number[]): string {
    return this.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  /** A scalar int64: as an index it takes an axis away. */
  integer(value: number): string {
    return this.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
  }

  /** A scalar of a float type. */
  number(dtype: DType, value: number): string {
    return this.constant(literalTensor(value, dtype));
  }

  /**
   * A subgraph: `build` makes its nodes from its inputs and answers the name of its one output.
   * Values outside are read by name; shapes are left to the runtime.
   */
  subgraph(
    dtype: DType,
    inputs: Readonly<Record<string, DType>>,
    build: (inner: Fragment, ...inputs: readonly string[]) => string,
  ): Graph {
    const locals: Initializer[] = [];
    const inner = new Fragment(this.base, this.names, this.constants, locals);
    const given = Object.entries(inputs).map(([wish, type]) => ({ name: this.fresh(wish), type }));
    const output = build(inner, ...given.map(({ name }) => name));
    return {
      ...EMPTY_GRAPH,
      name: this.fresh('body'),
      inputs: given.map(({ name, type }) => tensorInfo(name, type)),
      outputs: [tensorInfo(output, dtype)],
      initializers: locals,
      nodes: inner.nodes,
    };
  }

  /** The nodes with the value `from` called `to`: what makes the fragment produce the value it replaces. */
  nodesProducing(from: string, to: string): readonly Node[] {
    return this.nodes.map((node) => ({
      ...node,
      outputs: node.outputs.map((name) => (name === from ? to : name)),
    }));
  }

  private fresh(wish: string): string {
    return this.names.fresh(`${this.base}/${wish}`);
  }
}

const EMPTY_GRAPH = { docString: '', initializers: [], sparseInitializers: [], valueInfo: [], metadata: {} };

function tensorInfo(name: string, dtype: DType) {
  return valueInfo(name, { kind: 'tensor', dtype, shape: null });
}

/** Float attributes by name; every other number is an int attribute. */
const FLOATS: ReadonlySet<string> = new Set(['Gemm.alpha', 'Gemm.beta']);

function attributesOf(opType: string, attributes: Readonly<Record<string, AttributeInput>>): Attribute[] {
  return Object.entries(attributes).map(([name, value]): Attribute => {
    if (typeof value === 'object') {
      return 'nodes' in value ? { name, kind: 'graph', value } : { name, kind: 'ints', value: value.map(BigInt) };
    }
    return FLOATS.has(`${opType}.${name}`)
      ? { name, kind: 'float', value }
      : { name, kind: 'int', value: BigInt(value) };
  });
}
