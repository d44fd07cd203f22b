/** Numbers that a graph computes with and that no input changes: initializers, Constant nodes, and reshaped ones. */
import { constantNodeTensor, type Graph, type Initializer, type Node, tensorOf } from '@rheobase/exporter';
import { dtypeKind, type Tensor } from '@rheobase/exporter/tensor';
import { floatElements } from '../../comparison/float-format.js';

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const PASSES_ON: ReadonlySet<string> = new Set(['Identity', 'Cast', 'CastLike']);

/** The constant by that name; null for what is computed, not of floating-point type, or kept outside the file. */
export function constantNamed(graph: Graph, name: string): Numbers | null {
  const producer = producerOf(graph, name);
  if (producer !== undefined && PASSES_ON.has(producer.opType)) return constantNamed(graph, producer.inputs[0] ?? '');
  const constant =
    producer === undefined ? graph.initializers.find((one) => one.name === name) : constantNodeTensor(producer);
  return constant === undefined ? null : numbersIn(constant);
}

export function producerOf(graph: Graph, name: string): Node | undefined {
  return name === '' ? undefined : graph.nodes.find(({ outputs }) => outputs.includes(name));
}

function numbersIn(constant: Initializer): Numbers | null {
  if (constant.content.kind !== 'inline') return null;
  const tensor: Tensor = tensorOf(constant);
  if (dtypeKind(tensor.dtype) === 'float') return { shape: tensor.shape, values: floatElements(tensor).numbers };
  if (dtypeKind(tensor.dtype) !== 'int' && dtypeKind(tensor.dtype) !== 'uint') return null;
  return { shape: tensor.shape, values: Array.from(tensor.data as ArrayLike<number | bigint>, Number) };
}
