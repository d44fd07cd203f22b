/**
 * The thresholds in a model: places where a real number is compared with θ and the answer decides whether a neuron
 * fires. There a difference in the last bit between two backends becomes a difference of the size of the neuron, so
 * they deserve to be looked at apart.
 *
 * Found are ThresholdedRelu, and every comparison (Greater, GreaterOrEqual, Less, LessOrEqual) whose answer goes on,
 * directly or through Not, And, Or, to a Where as its condition or to a Cast (the `where` and `multiply` lowerings), in
 * the main graph.
 */
import type { Graph, Model, Node } from '@rheobase/exporter';
import { valuesRead } from './dependencies.js';

export type Comparator = '>' | '>=' | '<' | '<=';

export interface Threshold {
  readonly node: Node;
  /** Place of the node in the graph. */
  readonly index: number;
  readonly comparator: Comparator;
  /** Name of the value on the left of the comparison. */
  readonly x: string;
  /** Name of the value on its right, or the number itself. */
  readonly theta: string | number;
}

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  Greater: '>',
  GreaterOrEqual: '>=',
  Less: '<',
  LessOrEqual: '<=',
};

export function findThresholds({ graph }: Model): readonly Threshold[] {
  return graph.nodes.flatMap((node, index): Threshold[] => {
    const [x = '', theta = ''] = node.inputs;
    if (node.domain === '' && node.opType === 'ThresholdedRelu') {
      const alpha = node.attributes.find(({ name }) => name === 'alpha');
      // ONNX: alpha defaults to 1.
      return [{ node, index, comparator: '>', x, theta: alpha?.kind === 'float' ? alpha.value : 1 }];
    }
    const comparator = node.domain === '' ? COMPARATORS[node.opType] : undefined;
    if (comparator === undefined || !decidesFiring(graph, node.outputs[0] ?? '')) return [];
    return [{ node, index, comparator, x, theta }];
  });
}

/** Whether a neuron fires by this comparison. Neither side fires on NaN. */
export function fires(comparator: Comparator, x: number, theta: number): boolean {
  switch (comparator) {
    case '>':
      return x > theta;
    case '>=':
      return x >= theta;
    case '<':
      return x < theta;
    case '<=':
      return x <= theta;
  }
}

const LOGIC: ReadonlySet<string> = new Set(['Not', 'And', 'Or', 'Identity']);

function decidesFiring(graph: Graph, mask: string): boolean {
  return graph.nodes.some((reader) => {
    if (!valuesRead(reader).includes(mask)) return false;
    if (reader.opType === 'Where') return reader.inputs[0] === mask;
    if (reader.opType === 'Cast') return true;
    return LOGIC.has(reader.opType) && decidesFiring(graph, reader.outputs[0] ?? '');
  });
}
