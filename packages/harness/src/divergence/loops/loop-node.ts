/**
 * Loop and Scan seen alike: a body that runs once per iteration on a state that it carries along, and values that it
 * gives per iteration, which come out stacked. A Scan also takes one element of each scanned input at a time.
 *
 * Source: the ONNX operator specifications, Loop (1 on) and Scan (9 on; Scan 8 has a batch of its own and is left alone).
 */
import { type Graph, graphAttribute, intAttribute, intsAttribute, type Model, type Node } from '@rheobase/exporter';

export interface LoopNode {
  readonly kind: 'Loop' | 'Scan';
  readonly node: Node;
  readonly body: Graph;
  /** Names outside of the initial state, and inside of the state that comes into an iteration. */
  readonly initial: readonly string[];
  readonly carriedIn: readonly string[];
  /** Names inside of the state that an iteration leaves, and outside of the last one; `''` where nobody takes it. */
  readonly carriedOut: readonly string[];
  readonly final: readonly string[];
  /** What a Scan goes through, outside and inside. */
  readonly scanned: readonly ScannedInput[];
}

export interface ScannedInput {
  readonly outside: string;
  readonly inside: string;
  readonly axis: number;
  /** From the last element to the first. */
  readonly isReversed: boolean;
}

/** The Loop or Scan of the main graph that makes a value; undefined where something else does. */
export function loopMaking(model: Model, value: string): LoopNode | undefined {
  const node = model.graph.nodes.find(({ outputs }) => outputs.includes(value));
  if (node === undefined || node.domain !== '') return undefined;
  const body = graphAttribute(node, 'body');
  if (body === undefined) return undefined;
  if (node.opType === 'Loop') return loopOf(node, body);
  return node.opType === 'Scan' && (model.opsets[''] ?? 0) >= 9 ? scanOf(node, body) : undefined;
}

function loopOf(node: Node, body: Graph): LoopNode {
  // The body takes the iteration's number and the condition first, and gives the condition first.
  const carriedIn = body.inputs.slice(2).map(({ name }) => name);
  const count = carriedIn.length;
  return {
    ...{ kind: 'Loop' as const, node, body, carriedIn, scanned: [] },
    initial: node.inputs.slice(2, 2 + count),
    carriedOut: body.outputs.slice(1, 1 + count).map(({ name }) => name),
    final: padded(node.outputs, count),
  };
}

function scanOf(node: Node, body: Graph): LoopNode {
  const count = node.inputs.length - intAttribute(node, 'num_scan_inputs', 0);
  const [axes, directions] = ['scan_input_axes', 'scan_input_directions'].map((name) => intsAttribute(node, name));
  return {
    ...{ kind: 'Scan' as const, node, body },
    initial: node.inputs.slice(0, count),
    carriedIn: body.inputs.slice(0, count).map(({ name }) => name),
    carriedOut: body.outputs.slice(0, count).map(({ name }) => name),
    final: padded(node.outputs, count),
    scanned: node.inputs.slice(count).map((outside, index) => ({
      outside,
      inside: body.inputs[count + index]?.name ?? '',
      axis: axes?.[index] ?? 0,
      isReversed: directions?.[index] === 1,
    })),
  };
}

function padded(names: readonly string[], count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => names[index] ?? '');
}
