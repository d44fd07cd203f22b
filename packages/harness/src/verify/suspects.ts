/**
 * Nodes whose results are out of tolerance, each alone: does it create the difference, or does it carry on one that came
 * in? Every suspect stands by itself in one model, and is asked two things.
 *
 * - Fed with the baseline's inputs, do backend and baseline differ? Then the node creates a difference.
 * - Fed with the backend's inputs, does the baseline make of them what the backend made? If not, it is created here as
 *   well, though only inside the model. If so, the node carries on what it was given, however much it amplifies it.
 *
 * For sums, what rounding may do is measured by the magnitudes of the terms: the same node on the inputs' magnitudes.
 */
import { type Model, type Node, withOutputs } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { compareTensors } from '../comparison/index.js';
import { aloneName, type Detached, detachedNodes, termsOf } from '../divergence/detached.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';
import { onlyOutputs } from './flat-models.js';
import { ModelTolerances, type Pair } from './model-tolerances.js';

export interface SuspectQuestion {
  /** The baseline's side. */
  readonly reference: Contender;
  readonly suspect: Contender;
  /** The model as it was searched, from a side's own. */
  readonly flatten: (model: Model) => Model;
  /** Values out of tolerance, whose nodes are in question. */
  readonly values: readonly string[];
  /** What is known of the run on either side: feeds, and exposed values. */
  readonly expected: Feeds;
  readonly actual: Feeds;
}

export type Role = 'creates' | 'carries';

/** What each value's node does; values that could not be asked about are missing. */
export async function rolesOf(context: ModelContext, question: SuspectQuestion): Promise<ReadonlyMap<string, Role>> {
  const { reference, suspect, expected, actual } = question;
  const alone = (values: Feeds) => (model: Model) => detach(question, model, values).model;
  const own = (reference.subject ?? context.subject).model;
  const detached = detach(question, own, expected);
  const there = await runAlone(context, reference, alone(expected), feedsOf(detached, expected));
  if (there === undefined) return new Map();
  const suspectModel = (suspect.subject ?? context.subject).model;
  const here = await runAlone(
    context,
    suspect,
    alone(expected),
    feedsOf(detach(question, suspectModel, expected), expected),
  );
  const replayed = await runAlone(context, reference, alone(actual), feedsOf(detach(question, own, actual), actual));
  const terms = await termsIn(context, reference, question, detached);
  const tolerances = new ModelTolerances(detached.model, context.tolerance);
  const roles = new Map<string, Role>();
  for (const value of question.values) {
    const name = aloneName(value);
    const ask = (a: Tensor | undefined, e: Tensor | undefined, pair: Pair): boolean | undefined => {
      if (a === undefined || e === undefined) return undefined;
      const tolerance = tolerances.of(name, e.dtype, pair, 'node');
      const magnitude = pair.isSame ? undefined : terms[name];
      const options = { tolerance, worst: 0, histogram: false, ...(magnitude && { terms: magnitude }) };
      return compareTensors(a, e, options).verdict === 'diverge';
    };
    const pair = pairOf(context, suspect.id);
    const createsAlone = ask(here?.[name], there[name], pair);
    // One node alone may be computed otherwise than inside the model, even by the same code.
    const createsInside = ask(actual[value], replayed?.[name], { ...pair, isSame: false });
    if (createsAlone === true || createsInside === true) roles.set(value, 'creates');
    else if (createsInside === false) roles.set(value, 'carries');
  }
  return roles;
}

function detach({ flatten, values }: SuspectQuestion, model: Model, known: Feeds): Detached {
  const flat = flatten(model);
  const wanted = new Set(values);
  const nodes: readonly Node[] = flat.graph.nodes.filter(({ outputs }) => outputs.some((name) => wanted.has(name)));
  return detachedNodes(flat, nodes, known);
}

function feedsOf({ inputs }: Detached, values: Feeds): Feeds {
  return Object.fromEntries(inputs.map((name) => [name, values[name]]));
}

async function termsIn(
  context: ModelContext,
  reference: Contender,
  question: SuspectQuestion,
  detached: Detached,
): Promise<Feeds> {
  const part = termsOf(detached, question.expected);
  if (part === null) return {};
  const derive = (model: Model): Model =>
    termsOf(detach(question, model, question.expected), question.expected)?.model ?? model;
  return (await runAlone(context, reference, derive, feedsOf(part, question.expected))) ?? {};
}

/** Undefined where the side cannot run it. */
async function runAlone(
  { subject, session }: ModelContext,
  side: Contender,
  derive: (model: Model) => Model,
  feeds: Feeds,
): Promise<Feeds | undefined> {
  const sessions = await ActiveSessions.open([side], subject, session, { failed: () => {} }, derive);
  try {
    return (await sessions.run(side.id, feeds))?.outputs;
  } finally {
    await sessions.close();
  }
}

/** A model with the given values as its only outputs. */
export function exposing(model: Model, values: readonly string[]): Model {
  return onlyOutputs(withOutputs(model, values), values);
}
