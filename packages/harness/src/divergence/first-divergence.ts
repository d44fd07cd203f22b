/**
 * Which node two backends first part at. Of the values that a diverging output depends on, the first in topological
 * order that is itself out of tolerance names the node.
 */
import type { Model } from '@rheobase/exporter';
import type { FirstDivergence } from '../report/verify-report.js';
import { nodesBehind } from './dependencies.js';

/** Finds the node that produces `value`; undefined for inputs and initializers. */
export function producerOf({ graph }: Model, value: string): FirstDivergence | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(value));
  return node === undefined ? undefined : { node: node.name, opType: node.opType, output: value };
}

/**
 * The first of the values, which come in topological order, that `diverges` and that `output` depends on.
 * `diverges` is asked in that order and not beyond the answer.
 */
export function firstDivergence(
  model: Model,
  output: string,
  values: readonly string[],
  diverges: (value: string) => boolean,
): FirstDivergence | undefined {
  const behind = nodesBehind(model.graph, output);
  const relevant = new Set([...behind].flatMap((index) => model.graph.nodes[index]?.outputs ?? []));
  const found = values.find((value) => relevant.has(value) && diverges(value));
  return found === undefined ? undefined : producerOf(model, found);
}
