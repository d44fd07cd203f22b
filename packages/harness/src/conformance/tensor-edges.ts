/**
 * ONNX Runtime's JavaScript API can neither feed nor fetch a sequence or an optional. But the standard has operators that
 * make them of tensors and take them apart, so a model with such inputs or outputs is given edges of tensors:
 *
 *     s: sequence of 2        SequenceConstruct(s/0, s/1) → s
 *     o: optional             Optional(o/element) → o, or Optional() → o where it holds nothing
 *     s: sequence expected    SequenceLength(s) → s/length, SequenceAt(s, 0) → s/0, …
 *     o: optional expected    OptionalHasElement(o) → o/present, OptionalGetElement(o) → o/element
 *
 * How many elements there are is known from the test's values, so each data set has a model of its own.
 */
import {
  type Attribute,
  dtypeToOnnx,
  type Graph,
  type Initializer,
  initializer,
  type Model,
  type Node,
  plainNode,
  type ValueInfo,
  type ValueType,
  valueInfo,
} from '@rheobase/exporter';
import { RheobaseError } from '@rheobase/exporter/errors';
import { tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import type { OnnxValue } from '@rheobase/runtime/files';

export interface TensorEdged {
  readonly model: Model;
  readonly feeds: Feeds;
  /** What the outputs should be, by name. */
  readonly expected: Feeds;
}

/** Whether a model has inputs or outputs that are no tensors. */
export function needsTensorEdges({ graph }: Model): boolean {
  return [...graph.inputs, ...graph.outputs].some(({ type }) => type.kind === 'sequence' || type.kind === 'optional');
}

/**
 * The model with tensors at its edges, and what to feed and to expect there. The values are in the order of the graph's
 * inputs and outputs.
 * @throws RheobaseError `unsupported` for values that no operator makes (optionals in sequences, maps).
 */
export function withTensorEdges(
  model: Model,
  inputs: readonly OnnxValue[],
  outputs: readonly OnnxValue[],
): TensorEdged {
  const { graph } = model;
  const before = new Edge();
  for (const [index, info] of graph.inputs.entries()) before.make(info.name, info.type, inputs[index]);
  const after = new Edge();
  for (const [index, info] of graph.outputs.entries()) after.takeApart(info.name, info.type, outputs[index]);
  const edged: Graph = {
    ...graph,
    inputs: before.values,
    nodes: [...before.nodes, ...graph.nodes, ...after.nodes],
    outputs: after.values,
    initializers: [...graph.initializers, ...after.initializers],
  };
  return { model: { ...model, graph: edged }, feeds: before.tensors, expected: after.tensors };
}

/** One side of the model: its tensors, and the nodes between them and what they stand for. */
class Edge {
  readonly values: ValueInfo[] = [];
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  readonly tensors: Record<string, Feeds[string]> = {};

  /** Inputs: `name` made of tensors that are fed. */
  make(name: string, type: ValueType, value: OnnxValue): void {
    if (type.kind === 'tensor' && value.kind === 'tensor') {
      this.tensor(name, type, value);
    } else if (type.kind === 'sequence' && value.kind === 'sequence') {
      const parts = value.elements.map((_, index) => `${name}/${index}`);
      for (const [index, element] of value.elements.entries())
        this.make(parts[index], freeOfShape(type.element), element);
      if (parts.length > 0) this.node('SequenceConstruct', parts, name);
      else this.node('SequenceEmpty', [], name, [dtypeAttribute(type.element)]);
    } else if (type.kind === 'optional' && value.kind === 'optional') {
      const held = `${name}/element`;
      if (value.element !== null) this.make(held, type.element, value.element);
      const holds: Attribute[] = value.element === null ? [{ name: 'type', kind: 'type', value: type.element }] : [];
      this.node('Optional', value.element === null ? [] : [held], name, holds);
    } else {
      throw misfit(name, type, value);
    }
  }

  /** Outputs: `name` taken apart into tensors that are fetched. */
  takeApart(name: string, type: ValueType, value: OnnxValue): void {
    if (type.kind === 'tensor' && value.kind === 'tensor') {
      this.tensor(name, type, value);
    } else if (type.kind === 'sequence' && value.kind === 'sequence') {
      const count = BigInt64Array.of(BigInt(value.elements.length));
      this.node('SequenceLength', [name], `${name}/length`);
      this.tensor(`${name}/length`, INT64, { kind: 'tensor', tensor: tensor('int64', [], count) });
      for (const [index, element] of value.elements.entries()) {
        const place = `${name}/${index}/place`;
        this.initializers.push(initializer(place, tensor('int64', [], BigInt64Array.of(BigInt(index)))));
        this.node('SequenceAt', [name, place], `${name}/${index}`);
        this.takeApart(`${name}/${index}`, freeOfShape(type.element), element);
      }
    } else if (type.kind === 'optional' && value.kind === 'optional') {
      const present = Uint8Array.of(value.element === null ? 0 : 1);
      this.node('OptionalHasElement', [name], `${name}/present`);
      this.tensor(`${name}/present`, BOOL, { kind: 'tensor', tensor: tensor('bool', [], present) });
      if (value.element === null) return;
      this.node('OptionalGetElement', [name], `${name}/element`);
      this.takeApart(`${name}/element`, type.element, value.element);
    } else {
      throw misfit(name, type, value);
    }
  }

  private tensor(name: string, type: ValueType, value: Extract<OnnxValue, { kind: 'tensor' }>): void {
    this.values.push(valueInfo(name, type));
    this.tensors[name] = value.tensor;
  }

  private node(opType: string, inputs: readonly string[], output: string, attributes: readonly Attribute[] = []): void {
    this.nodes.push(plainNode(opType, inputs, [output], { name: `${opType} of ${output}`, attributes }));
  }
}

const INT64: ValueType = { kind: 'tensor', dtype: 'int64', shape: [] };
const BOOL: ValueType = { kind: 'tensor', dtype: 'bool', shape: [] };

/** Tests declare elements of one shape and hold elements of others; a sequence's elements may differ. */
function freeOfShape(type: ValueType): ValueType {
  return type.kind === 'tensor' ? { ...type, shape: null } : type;
}

function dtypeAttribute(type: ValueType): Attribute {
  if (type.kind !== 'tensor')
    throw new RheobaseError('unsupported', `no operator makes a sequence of kind ${type.kind}`);
  return { name: 'dtype', kind: 'int', value: BigInt(dtypeToOnnx(type.dtype)) };
}

function misfit(name: string, type: ValueType, value: OnnxValue | undefined): RheobaseError {
  const held = value === undefined ? 'nothing' : `a ${value.kind}`;
  return new RheobaseError('unsupported', `it is declared as ${type.kind}, and the test has ${held} for it`, {
    where: name,
  });
}
