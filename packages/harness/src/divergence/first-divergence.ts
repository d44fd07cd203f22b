/** Which node a value comes from, as a report names it. */
import type { Model } from '@rheobase/exporter';
import type { FirstDivergence } from '../report/verify-report.js';

/** Finds the node that produces `value`; undefined for inputs and initializers. */
export function producerOf({ graph }: Model, value: string): FirstDivergence | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(value));
  return node === undefined ? undefined : { node: node.name, opType: node.opType, output: value };
}
