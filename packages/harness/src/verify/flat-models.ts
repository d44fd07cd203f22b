/**
 * The model as a search for its first divergence goes through it: without Ifs, as far as the baseline tells which way they
 * go. Cases that go the same ways share a model.
 */
import { type Model, tensorOf, withOutputs } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Case } from '../cases/index.js';
import { type Decisions, decisionKey, inlineBranches, openIfs } from '../divergence/inline-branches.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';

/** Ifs within Ifs are looked into this deep. */
const MAX_DEPTH = 16;

/**
 * Which way every If goes in a case, asked of the baseline. Those it does not tell stay out. With `part`, it is about a
 * part of the model, from a side's own.
 */
export async function decisionsOf(
  context: ModelContext,
  reference: Contender,
  one: Case,
  part: (model: Model) => Model = (model) => model,
): Promise<Decisions> {
  const model = part((reference.subject ?? context.subject).model);
  const decisions = new Map<string, boolean>();
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const flat = inlineBranches(model, decisions);
    const open = openIfs(flat);
    if (open.length === 0) break;
    const conditions = await valuesIn(
      context,
      reference,
      flat,
      one,
      open.map(({ inputs }) => inputs[0] ?? ''),
      (whole) => inlineBranches(part(whole), decisions),
    );
    const told = open.flatMap((node) => {
      const condition = conditions.get(node.inputs[0] ?? '');
      return condition === undefined ? [] : [[decisionKey(node), truthOf(condition)] as const];
    });
    if (told.length === 0) break;
    for (const [key, decision] of told) decisions.set(key, decision);
  }
  return decisions;
}

async function valuesIn(
  context: ModelContext,
  reference: Contender,
  flat: Model,
  one: Case,
  names: readonly string[],
  flatten: (model: Model) => Model,
): Promise<ReadonlyMap<string, Tensor>> {
  const known = new Map<string, Tensor>();
  for (const initializer of flat.graph.initializers) {
    if (names.includes(initializer.name)) known.set(initializer.name, tensorOf(initializer));
  }
  for (const name of names) if (Object.hasOwn(one.feeds, name)) known.set(name, one.feeds[name]);
  const wanted = [...new Set(names)].filter((name) => name !== '' && !known.has(name));
  if (wanted.length === 0) return known;
  let problem: string | undefined;
  const sessions = await ActiveSessions.open(
    [reference],
    context.subject,
    context.session,
    {
      failed: (_, error) => {
        problem = toPlainError(error).what;
      },
    },
    (model) => onlyOutputs(withOutputs(flatten(model), wanted), wanted),
  );
  try {
    const run = problem === undefined ? await sessions.run(reference.id, one.feeds) : undefined;
    for (const [name, value] of Object.entries(run?.outputs ?? {})) known.set(name, value);
    return known;
  } finally {
    await sessions.close();
  }
}

function truthOf({ data }: Tensor): boolean {
  return Boolean(data[0]);
}

/** The model with the given outputs alone, so that nothing else has to be read back. */
export function onlyOutputs(model: Model, names: readonly string[]): Model {
  const wanted = new Set(names);
  return { ...model, graph: { ...model.graph, outputs: model.graph.outputs.filter(({ name }) => wanted.has(name)) } };
}
