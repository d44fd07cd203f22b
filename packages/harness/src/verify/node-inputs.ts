/** What a node reads in a case, as the baseline computes it: what the node can be fed with to stand by itself. */
import { type Model, type Node, withOutputs } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';
import { extractNodes } from '../reduce/index.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';
import { onlyOutputs } from './flat-models.js';
import { runOn } from './run-on.js';

export interface NodeQuestion {
  readonly reference: Contender;
  readonly flatten: (model: Model) => Model;
  readonly feeds: Feeds;
}

/** Weights are left out. Undefined where a value cannot be had, as of sequences. */
export async function inputsOf(
  context: ModelContext,
  { reference, flatten, feeds }: NodeQuestion,
  node: Node,
): Promise<Feeds | undefined> {
  const flat = flatten((reference.subject ?? context.subject).model);
  const { inputs } = extractNodes(flat, [node]);
  const inner = inputs.filter((name) => !Object.hasOwn(feeds, name));
  const fed = Object.fromEntries(inputs.filter((name) => !inner.includes(name)).map((name) => [name, feeds[name]]));
  if (inner.length === 0) return fed;
  const derive = (model: Model): Model => onlyOutputs(withOutputs(flatten(model), inner), inner);
  const run = await runOn(context, reference, { derive, feeds });
  if (typeof run === 'string' || inner.some((name) => !Object.hasOwn(run, name))) return undefined;
  return { ...fed, ...run };
}
