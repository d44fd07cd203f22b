/**
 * The search goes on inside a Loop or Scan that is blamed: the first iteration after which the two sides have another
 * state is found by running the first k iterations, k doubled and then halved; that iteration alone, fed with the
 * baseline's state, is a model like any other, and is searched like one. Loops inside of loops likewise.
 */
import { constantNodeTensor, type Model, tensorOf } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { compareTensors } from '../comparison/index.js';
import { inlineBranches } from '../divergence/inline-branches.js';
import {
  countIn,
  type FirstIterations,
  firstIterations,
  iterationFeeds,
} from '../divergence/loops/first-iterations.js';
import { type LoopNode, loopMaking } from '../divergence/loops/loop-node.js';
import { iterationInputs, oneIteration } from '../divergence/loops/one-iteration.js';
import type { ComparisonRow, FirstDivergence, LoopPlace } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';
import { DivergenceSearch, type Found } from './divergence-search.js';
import { decisionsOf } from './flat-models.js';
import { ModelTolerances } from './model-tolerances.js';
import { inputsOf } from './node-inputs.js';

/** Loops within loops are looked into this deep. */
const MAX_DEPTH = 8;
/** A Loop without a trip count goes by its condition alone. */
const UNBOUNDED = 2 ** 31;

export interface LoopQuestion {
  readonly reference: Contender;
  readonly suspect: Contender;
  /** The model that the loop stands in, from a side's own. */
  readonly flatten: (model: Model) => Model;
  readonly feeds: Feeds;
  readonly row: ComparisonRow;
  /** The value that the loop makes. */
  readonly first: FirstDivergence;
}

export interface InsideLoop {
  readonly found: Found;
  /** One iteration as a model, from a side's own, and what it is fed with. */
  readonly flatten: (model: Model) => Model;
  readonly feeds: Feeds;
}

/** Undefined where `first` is no loop, or no node in its body can be blamed. */
export async function searchInsideLoop(
  context: ModelContext,
  question: LoopQuestion,
  depth = 0,
): Promise<InsideLoop | undefined> {
  const { reference, suspect, flatten, feeds, row, first } = question;
  const own = flatten((reference.subject ?? context.subject).model);
  const loop = loopMaking(own, first.output);
  if (loop === undefined || depth >= MAX_DEPTH) return undefined;
  const values = await inputsOf(context, { reference, flatten, feeds }, loop.node);
  if (values === undefined) return undefined;
  const known: LookUp = (name) => (Object.hasOwn(values, name) ? values[name] : constantIn(own, name));
  const parted = await partingIteration(context, question, loop, values, known);
  if (parted === undefined) return undefined;
  const stepped = iterationInputs(loop, parted.iteration, parted.state, known);
  if (stepped === undefined) return undefined;
  const inner = { ...values, ...stepped };
  const body = (model: Model): Model => oneIteration(flatten(model), first.output, inner) ?? model;
  const needed = new Set(body(context.subject.model).graph.inputs.map(({ name }) => name));
  const fed = Object.fromEntries(Object.entries(inner).filter(([name]) => needed.has(name)));
  const one = { name: row.case, feeds: fed };
  const decisions = await decisionsOf(context, reference, one, body);
  const flattenBody = (model: Model): Model => inlineBranches(body(model), decisions);

  const rows = flattenBody(context.subject.model).graph.outputs.map(({ name }) => ({ ...row, output: name }));
  const search = new DivergenceSearch(context, flattenBody, rows, new Map());
  await search.run([reference, suspect], [one]);
  const found = earliest(
    flattenBody(context.subject.model),
    rows.flatMap((each) => search.foundFor(each) ?? []),
  );
  if (found === undefined) return undefined;
  const place: LoopPlace = { node: first.node, opType: first.opType, iteration: parted.iteration };
  const deeper = await searchInsideLoop(
    context,
    { ...question, flatten: flattenBody, feeds: fed, first: found.first },
    depth + 1,
  );
  return {
    flatten: deeper?.flatten ?? flattenBody,
    feeds: deeper?.feeds ?? fed,
    found: within(place, deeper?.found ?? found),
  };
}

function within(place: LoopPlace, { first, role, suspects }: Found): Found {
  const put = <T extends FirstDivergence>(one: T): T => ({ ...one, within: [place, ...(one.within ?? [])] });
  return { first: put(first), role, suspects: suspects.map(put) };
}

/** Of what was found for the outputs of a body, the first that creates a difference. */
function earliest({ graph }: Model, all: readonly Found[]): Found | undefined {
  const placeOf = ({ first }: Found): number => graph.nodes.findIndex(({ outputs }) => outputs.includes(first.output));
  const creating = all.filter(({ role }) => role !== 'carries');
  return [...creating].sort((a, b) => placeOf(a) - placeOf(b))[0];
}

interface Parted {
  /** From 0. */
  readonly iteration: number;
  /** What comes into it on the baseline. */
  readonly state: readonly (Tensor | undefined)[];
}

async function partingIteration(
  context: ModelContext,
  { reference, suspect, flatten, first }: LoopQuestion,
  loop: LoopNode,
  values: Feeds,
  known: LookUp,
): Promise<Parted | undefined> {
  const derive = (model: Model): FirstIterations | undefined => firstIterations(flatten(model), first.output, values);
  const subject = derive(context.subject.model);
  if (subject === undefined) return undefined;
  const sessions = await ActiveSessions.open(
    [reference, suspect],
    context.subject,
    context.session,
    { failed: () => {} },
    (model) => derive(model)?.model ?? model,
  );
  const tolerances = new ModelTolerances(subject.model, context.tolerance).learnShapes(values);
  const pair = pairOf(context, suspect.id);
  const taken = new Set(subject.model.graph.inputs.map(({ name }) => name));
  const base = Object.fromEntries(Object.entries(values).filter(([name]) => taken.has(name)));

  const run = async (count: number) => {
    const results = await sessions.runTogether([reference.id, suspect.id], {
      ...base,
      ...iterationFeeds(subject, count),
    });
    return { expected: results.get(reference.id)?.outputs, actual: results.get(suspect.id)?.outputs };
  };
  /** Undefined where a side does not run it. */
  const differs = async (count: number): Promise<boolean | undefined> => {
    const { expected, actual } = await run(count);
    if (expected === undefined || actual === undefined) return undefined;
    return Object.entries(expected).some(([name, e]) => {
      const a = actual[name];
      const tolerance = tolerances.of(name, e.dtype, pair);
      return a !== undefined && compareTensors(a, e, { tolerance, worst: 0, histogram: false }).verdict === 'diverge';
    });
  };
  try {
    const most = mostIterations(loop, known);
    const whole = await run(most);
    const counts = [whole.expected, whole.actual].map((outputs) => (outputs && countIn(outputs)) ?? most);
    const at = await firstWhere(differs, Math.max(...counts));
    if (at === undefined) return undefined;
    const before = at === 1 ? undefined : (await run(at - 1)).expected;
    const state = loop.initial.map((name, index) => (at === 1 ? known(name) : before?.[subject.state[index] ?? '']));
    return { iteration: at - 1, state };
  } finally {
    await sessions.close();
  }
}

function mostIterations(loop: LoopNode, known: LookUp): number {
  if (loop.kind === 'Scan') {
    const [first] = loop.scanned;
    const shape = first === undefined ? [] : (known(first.outside)?.shape ?? []);
    return first === undefined ? 0 : (shape.at(first.axis) ?? 0);
  }
  const trips = known(loop.node.inputs[0] ?? '');
  return trips === undefined ? UNBOUNDED : Math.min(Number(trips.data[0]), UNBOUNDED);
}

/** The smallest count, as far as doubling and halving tells, for which it is so; undefined where it is not for all. */
async function firstWhere(
  holds: (count: number) => Promise<boolean | undefined>,
  most: number,
): Promise<number | undefined> {
  let [below, above] = [0, 1];
  while (above < most && (await holds(above)) === false) [below, above] = [above, above * 2];
  above = Math.min(above, most);
  if (above < 1 || (await holds(above)) !== true) return undefined;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if ((await holds(middle)) === true) above = middle;
    else below = middle;
  }
  return above;
}

/** What a value is in a case: as the loop reads it, or the weight of that name. */
type LookUp = (name: string) => Tensor | undefined;

function constantIn({ graph }: Model, name: string): Tensor | undefined {
  const made = graph.nodes.find(({ outputs }) => name !== '' && outputs.includes(name));
  const constant = graph.initializers.find((one) => one.name === name) ?? (made && constantNodeTensor(made));
  return constant && tensorOf(constant);
}
