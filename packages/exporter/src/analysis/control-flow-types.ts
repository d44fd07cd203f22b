/**
 * Types around subgraphs: what If, Loop, Scan and SequenceMap pass into their bodies, and what comes out. ONNX operator
 * documentation of each; states of a Loop may change their shape from round to round, so only their element type holds.
 */
import type { KnownValue } from '../inference/index.js';
import type { AttributeValue, Dim, Graph, Node, ValueType } from '../model/model.js';
import { commonType } from './merge-types.js';
import { scalarAttribute } from './node-attributes.js';

type Inputs = readonly (KnownValue | undefined)[];

const UNKNOWN: ValueType = { kind: 'unknown' };
const COUNTER: ValueType = { kind: 'tensor', dtype: 'int64', shape: null };
const CONDITION: ValueType = { kind: 'tensor', dtype: 'bool', shape: null };

/** Scan began, at opset 8, with a batch axis and sequence lengths: another operator by the same name. */
export function isBatchedScan({ opType }: Node, opset: number): boolean {
  return opType === 'Scan' && opset < 9;
}

/** Types of the inputs of a node's body, by position. */
export function controlFlowInputs(node: Node, inputs: Inputs, opset: number): ValueType[] {
  if (isBatchedScan(node, opset)) return [];
  const types = inputs.map((input) => input?.type ?? UNKNOWN);
  switch (node.opType) {
    case 'Loop':
      return [COUNTER, CONDITION, ...types.slice(2).map(withoutShape)];
    case 'Scan': {
      const scanned = Number(scalarAttribute(node, 'num_scan_inputs') ?? 0);
      const axes = scalarAttribute(node, 'scan_input_axes');
      const states = types.length - scanned;
      return types.map((type, index) => {
        if (index < states) return type;
        return withoutAxis(type, Array.isArray(axes) ? Number(axes[index - states] ?? 0) : 0);
      });
    }
    case 'SequenceMap':
      return types.map((type) => (type.kind === 'sequence' ? type.element : type));
    default:
      return [];
  }
}

/** Types of the outputs; undefined for operators without a body. */
export function controlFlowOutputs(
  node: Node,
  attributes: ReadonlyMap<string, AttributeValue>,
  inputs: Inputs,
  opset: number,
): ValueType[] | undefined {
  if (isBatchedScan(node, opset)) return [];
  const body = (name: string): ValueType[] => outputsOf(attributes.get(name));
  switch (node.opType) {
    case 'If': {
      const otherwise = body('else_branch');
      return body('then_branch').map((type, index) => commonType(type, otherwise[index] ?? UNKNOWN));
    }
    case 'Loop': {
      const states = inputs.length - 2;
      const results = body('body').slice(1);
      return results.map((type, index) => (index < states ? withoutShape(type) : withAxis(type, 0)));
    }
    case 'Scan': {
      const states = inputs.length - Number(scalarAttribute(node, 'num_scan_inputs') ?? 0);
      const axes = scalarAttribute(node, 'scan_output_axes');
      return body('body').map((type, index) => {
        if (index < states) return type;
        return withAxis(type, Array.isArray(axes) ? Number(axes[index - states] ?? 0) : 0);
      });
    }
    case 'SequenceMap':
      return body('body').map((element) =>
        element.kind === 'unknown' ? UNKNOWN : { kind: 'sequence', element: withoutShape(element) },
      );
    default:
      return undefined;
  }
}

function outputsOf(attribute: AttributeValue | undefined): ValueType[] {
  const graph: Graph | undefined = attribute?.kind === 'graph' ? attribute.value : undefined;
  return graph?.outputs.map(({ type }) => type) ?? [];
}

function withoutShape(type: ValueType): ValueType {
  return type.kind === 'tensor' ? { ...type, shape: null } : type;
}

function withoutAxis(type: ValueType, axis: number): ValueType {
  if (type.kind !== 'tensor' || type.shape === null) return type;
  const at = axis < 0 ? axis + type.shape.length : axis;
  return { ...type, shape: type.shape.filter((_, index) => index !== at) };
}

/** A tensor of how many is not known. */
function withAxis(type: ValueType, axis: number): ValueType {
  if (type.kind !== 'tensor' || type.shape === null) return type;
  const rank = type.shape.length + 1;
  const at = axis < 0 ? axis + rank : axis;
  const shape: Dim[] = [...type.shape];
  shape.splice(at, 0, null);
  return { ...type, shape };
}
