/** A model without its Ifs: once it is known which way each goes, the nodes of that branch stand in the main graph. */
import { inlineBranches as inlineInGraph, type Model, type Node } from '@rheobase/exporter';

/** Metadata of the node that hands a branch's output over: the condition that the If went by, which a value still hangs on. */
export const DECIDED_BY = 'rheobase.decided_by';

/** Which way Ifs go, by the name of their first output. */
export type Decisions = ReadonlyMap<string, boolean>;

/** Ifs in the main graph, those inside branches not counted. */
export function openIfs({ graph }: Model): readonly Node[] {
  return graph.nodes.filter((node) => node.opType === 'If' && node.domain === '');
}

export function decisionKey({ outputs }: Node): string {
  return outputs.find((name) => name !== '') ?? '';
}

/** Replaces the Ifs that are decided, and those found inside their branches that are, too. */
export function inlineBranches(model: Model, decisions: Decisions): Model {
  const graph = inlineInGraph(model.graph, (node) => decisions.get(decisionKey(node)), {
    metadata: ({ inputs, metadata }) => ({ ...metadata, [DECIDED_BY]: inputs[0] ?? '' }),
  });
  return { ...model, graph };
}
