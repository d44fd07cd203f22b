/**
 * Plausible ranges for integer inputs. An integer input is rarely a quantity: it is an index into a table, a shape, a
 * flag. What it is can be read from the nodes that take it, and a value out of range would only show that every runtime
 * refuses it.
 */
import { type Graph, intAttribute, type Model, type Node } from '@rheobase/exporter';

/** Whole numbers from `low` up to but not including `high`. */
export interface IntegerRange {
  readonly low: number;
  readonly high: number;
}

/** What an input is to an operator that takes it as index or shape: input number → how to find its range. */
type Role = 'index' | 'extent';
const ROLES: Readonly<Record<string, Readonly<Record<number, Role>>>> = {
  Gather: { 1: 'index' },
  GatherElements: { 1: 'index' },
  GatherND: { 1: 'index' },
  ScatterElements: { 1: 'index' },
  ScatterND: { 1: 'index' },
  Reshape: { 1: 'extent' },
  Expand: { 1: 'extent' },
  Tile: { 1: 'extent' },
  ConstantOfShape: { 0: 'extent' },
  OneHot: { 1: 'extent' },
  Range: { 1: 'extent', 2: 'extent' },
};

/** Operators that pass values on, so that the role of their output is the role of their input. */
const PASSES_ON: ReadonlySet<string> = new Set([
  'Cast',
  'Identity',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Flatten',
  'Transpose',
  'Concat',
]);

const EXTENT: IntegerRange = { low: 1, high: 2 };

/** The range that the nodes taking an input leave for it; null where none of them restricts it. */
export function rangeOfInput(model: Model, input: string): IntegerRange | null {
  const ranges = [...restrictions(model.graph, input, new Set())];
  if (ranges.length === 0) return null;
  const low = Math.max(...ranges.map((range) => range.low));
  const high = Math.min(...ranges.map((range) => range.high));
  return high > low ? { low, high } : { low, high: low + 1 };
}

function* restrictions(graph: Graph, value: string, seen: Set<string>): Iterable<IntegerRange> {
  if (seen.has(value)) return;
  seen.add(value);
  for (const node of graph.nodes) {
    for (const [position, name] of node.inputs.entries()) {
      if (name !== value) continue;
      const role = ROLES[node.opType]?.[position];
      if (role === 'extent') yield EXTENT;
      if (role === 'index') yield { low: 0, high: tableLength(graph, node) };
      if (role === undefined && PASSES_ON.has(node.opType)) {
        for (const output of node.outputs) yield* restrictions(graph, output, seen);
      }
    }
  }
}

/** Extent of the indexed axis, 1 where it is not known before the model runs. */
function tableLength(graph: Graph, node: Node): number {
  const table = node.inputs[0] ?? '';
  const shape = graph.initializers.find(({ name }) => name === table)?.shape ?? typedShape(graph, table);
  const extent = shape?.at(intAttribute(node, 'axis', 0));
  return typeof extent === 'number' && extent > 0 ? extent : 1;
}

function typedShape(graph: Graph, name: string) {
  const info = [...graph.inputs, ...graph.valueInfo].find((value) => value.name === name);
  return info?.type.kind === 'tensor' ? info.type.shape : null;
}
