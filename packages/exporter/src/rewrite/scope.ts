/**
 * What matching needs to know of a graph, looked up once: who produces a value, who reads it, what is constant, and of
 * which type it is. A subgraph's scope knows the one around it, whose values it can read.
 */

import { constantNodeTensor } from '../analysis/constant-node.js';
import { readsOf } from '../analysis/reads.js';
import type { Graph, Initializer, Node, ValueType } from '../model/model.js';
import type { DType, Tensor } from '../tensor/index.js';

/** Types of values that the graph itself does not tell, by name. */
export type TypeLookup = (name: string) => ValueType | undefined;

export class Scope {
  private readonly producers = new Map<string, Node>();
  private readonly readers = new Map<string, Node[]>();
  private readonly constants = new Map<string, Initializer>();
  private readonly outputs: ReadonlySet<string>;
  private readonly declared: ReadonlyMap<string, ValueType>;

  constructor(
    readonly graph: Graph,
    /** Opset version by domain. */
    readonly opsets: Readonly<Record<string, number>>,
    readonly outer: Scope | null,
    private readonly inferred: TypeLookup,
  ) {
    this.outputs = new Set(graph.outputs.map(({ name }) => name));
    this.declared = new Map(
      [...graph.valueInfo, ...graph.outputs, ...graph.inputs].map(({ name, type }) => [name, type]),
    );
    // An initializer that is an input as well is only a default: the caller may feed another value.
    const inputs = new Set(graph.inputs.map(({ name }) => name));
    for (const init of graph.initializers) if (!inputs.has(init.name)) this.constants.set(init.name, init);
    for (const node of graph.nodes) {
      for (const name of node.outputs) if (name !== '') this.producers.set(name, node);
      for (const name of readsOf(node)) {
        const readers = this.readers.get(name);
        if (readers === undefined) this.readers.set(name, [node]);
        else readers.push(node);
      }
      const tensor = constantNodeTensor(node);
      if (tensor !== undefined) this.constants.set(node.outputs[0], tensor);
    }
  }

  /** Version of ai.onnx, 0 where none is imported. */
  get opset(): number {
    return this.opsets[''] ?? 0;
  }

  /** The node of this graph (not of an outer one) that produces a value. */
  producer(name: string): Node | undefined {
    return this.producers.get(name);
  }

  /** Nodes of this graph that read a value, also through their subgraphs; each once. */
  readersOf(name: string): readonly Node[] {
    return this.readers.get(name) ?? [];
  }

  isOutput(name: string): boolean {
    return this.outputs.has(name);
  }

  isInput(name: string): boolean {
    return this.graph.inputs.some((input) => input.name === name);
  }

  /** True where this graph defines the name, false for values of outer graphs. */
  isLocal(name: string): boolean {
    return this.producers.has(name) || this.constants.has(name) || this.isInput(name);
  }

  /** A value known before running, from this graph or one around it. */
  constant(name: string): Initializer | undefined {
    const own = this.constants.get(name);
    if (own !== undefined) return own;
    return this.isLocal(name) ? undefined : this.outer?.constant(name);
  }

  /** The elements of a constant, undefined where the value is none or its elements are not in memory. */
  tensor(name: string): Tensor | undefined {
    const content = this.constant(name)?.content;
    return content?.kind === 'inline' ? content.data() : undefined;
  }

  typeOf(name: string): ValueType | undefined {
    const declared = this.declared.get(name);
    if (declared?.kind === 'tensor' && declared.shape !== null) return declared;
    const constant = this.constants.get(name);
    if (constant !== undefined) return { kind: 'tensor', dtype: constant.dtype, shape: constant.shape };
    const inferred = this.isLocal(name) ? this.inferred(name) : this.outer?.typeOf(name);
    return inferred ?? (declared?.kind === 'unknown' ? undefined : declared);
  }

  dtypeOf(name: string): DType | undefined {
    const type = this.typeOf(name);
    return type?.kind === 'tensor' ? type.dtype : undefined;
  }

  /** Rank of a tensor value, undefined where it is not known. */
  rankOf(name: string): number | undefined {
    const type = this.typeOf(name);
    return type?.kind === 'tensor' ? type.shape?.length : undefined;
  }
}
