/**
 * The search for the node that creates a divergence, over the cases that have one. Cases are searched in models without
 * Ifs and calls of functions, so that nodes inside of these can be blamed; see divergence-search for how. Where a Loop or
 * Scan is blamed, the search goes on in the iteration where the sides part; see loop-search.
 *
 * Where every node on the way only carries on what it was given, within its own error, the outputs differ by rounding that
 * the model amplifies: no node of the backend is at fault, and outputs that were held to a derived tolerance agree.
 */
import { inlineFunctions, isFloat, type Model, RheobaseError } from '@rheobase/exporter';
import type { BackendId } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { type Decisions, inlineBranches, openIfs } from '../divergence/inline-branches.js';
import type { ComparisonRow, FirstDivergence } from '../report/verify-report.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';
import { DivergenceSearch, type Found, rowKey } from './divergence-search.js';
import { decisionsOf } from './flat-models.js';
import { searchInsideLoop } from './loop-search.js';
import { reduceDivergence } from './reduction.js';

/** Answers the rows with the first divergence of those that diverge filled in, or why it is not. */
export async function divergencePass(
  context: ModelContext,
  contenders: readonly Contender[],
  rows: readonly ComparisonRow[],
): Promise<readonly ComparisonRow[]> {
  const { subject, baseline, searches, emit } = context;
  const diverging = rows.filter(({ verdict }) => verdict === 'diverge');
  if (diverging.length === 0) return rows;
  const sides = contenders.filter(({ id }) => id === baseline || diverging.some(({ backend }) => backend === id));
  const reference = sides.find(({ id }) => id === baseline);
  const failures = new Map<BackendId, string>(
    [baseline, ...diverging.map(({ backend }) => backend)]
      .filter((id) => !sides.some((side) => side.id === id))
      .map((id) => [id, `${id} failed before`]),
  );
  const searched = withinLimit(diverging, searches);
  const found = new Map<string, Found>();
  const places = new Map<string, string>();
  if (reference !== undefined && searched.length > 0) {
    emit({ kind: 'examining', model: subject.row.path, what: 'divergence' });
    for (const { flatten, cases } of await waysThrough(context, reference, searched)) {
      const names = new Set(cases.map(({ name }) => name));
      const own = searched.filter((row) => names.has(row.case));
      const search = new DivergenceSearch(context, flatten, own, failures);
      await search.run(sides, cases);
      for (const row of own) {
        const outer = search.foundFor(row);
        const way = { sides, cases, flatten };
        const inside = outer === undefined ? undefined : await insideLoop(context, way, row, outer);
        const one = inside?.found ?? outer;
        if (one !== undefined) found.set(rowKey(row), one);
        const concluded = one === undefined ? row : conclude(context, row, one);
        const place =
          (inside && (await reduced(context, inside.way, concluded))) ?? (await reduced(context, way, concluded));
        if (place !== undefined) places.set(rowKey(row), place);
      }
    }
  }
  const wasSearched = new Set(searched.map(rowKey));
  return rows.map((row) => {
    if (row.verdict !== 'diverge') return row;
    const one = found.get(rowKey(row));
    const bundle = places.get(rowKey(row)) ?? null;
    if (one !== undefined) return { ...conclude(context, row, one), bundle };
    const failure = failures.get(row.backend) ?? failures.get(baseline);
    return { ...row, bundle, firstDivergenceNote: whyNot(failure, wasSearched.has(rowKey(row)), searches) };
  });
}

interface SearchedWay extends Way {
  readonly sides: readonly Contender[];
}

/** What can be blamed inside the Loop or Scan that is, with the one iteration it is blamed in as a way of its own. */
async function insideLoop(
  context: ModelContext,
  { sides, cases, flatten }: SearchedWay,
  row: ComparisonRow,
  outer: Found,
): Promise<{ readonly found: Found; readonly way: SearchedWay } | undefined> {
  const { first, role, suspects } = outer;
  const [reference, suspect] = [context.baseline, row.backend].map((id) => sides.find((side) => side.id === id));
  const one = cases.find(({ name }) => name === row.case);
  if (reference === undefined || suspect === undefined || one === undefined || role === 'carries') return undefined;
  const question = { reference, suspect, flatten, feeds: one.feeds, row, first };
  // The loop itself is blamed in any case: what stands in the way of looking inside takes nothing from that.
  const inside = await searchInsideLoop(context, question).catch((error: unknown) => {
    if (error instanceof RheobaseError) return undefined;
    throw error;
  });
  return (
    inside && {
      found: { ...inside.found, suspects: [...suspects, ...inside.found.suspects] },
      way: { sides, flatten: inside.flatten, cases: [{ name: row.case, feeds: inside.feeds }] },
    }
  );
}

/** Writes the smallest part that diverges like this, where bundles are wanted; answers its folder. */
async function reduced(
  context: ModelContext,
  { sides, cases, flatten }: SearchedWay,
  row: ComparisonRow,
): Promise<string | undefined> {
  const { bundles, baseline, subject } = context;
  if (bundles === null || row.verdict === 'agree' || bundles.has(subject.row.path, row.backend)) return undefined;
  const [reference, suspect] = [baseline, row.backend].map((id) => sides.find((side) => side.id === id));
  const one = cases.find(({ name }) => name === row.case);
  if (reference === undefined || suspect === undefined || one === undefined) return undefined;
  context.emit({ kind: 'examining', model: subject.row.path, what: 'reduction' });
  const bundle = await reduceDivergence(context, { reference, suspect, flatten, case: one, row });
  return bundle === undefined ? undefined : bundles.add(subject.row.path, row.backend, bundle);
}

interface Way {
  readonly flatten: (model: Model) => Model;
  readonly cases: readonly Case[];
}

/** The cases to search, together where they take the same branches. */
async function waysThrough(
  context: ModelContext,
  reference: Contender,
  rows: readonly ComparisonRow[],
): Promise<readonly Way[]> {
  const { subject, cases } = context;
  const wanted = new Set(rows.map((row) => row.case));
  const ways = new Map<string, { decisions: Decisions; cases: Case[] }>();
  const hasIfs = openIfs(inlineFunctions(subject.model)).length > 0;
  for await (const one of cases(subject.model)) {
    if (!wanted.has(one.name)) continue;
    const decisions = hasIfs ? await decisionsOf(context, reference, one, inlineFunctions) : new Map<string, boolean>();
    const key = JSON.stringify([...decisions]);
    const way = ways.get(key) ?? { decisions, cases: [] };
    ways.set(key, way);
    way.cases.push(one);
  }
  return [...ways.values()].map(({ decisions, cases: own }) => ({
    flatten: (model) => inlineBranches(inlineFunctions(model), decisions),
    cases: own,
  }));
}

/** The rows of the first `limit` diverging cases of each backend. */
function withinLimit(diverging: readonly ComparisonRow[], limit: number): readonly ComparisonRow[] {
  const cases = new Map<BackendId, Set<string>>();
  return diverging.filter(({ backend, case: name }) => {
    const searched = cases.get(backend) ?? new Set();
    cases.set(backend, searched);
    if (searched.size >= limit && !searched.has(name)) return false;
    searched.add(name);
    return true;
  });
}

function conclude(context: ModelContext, row: ComparisonRow, { first, role, suspects }: Found): ComparisonRow {
  if (role !== 'carries') return { ...row, firstDivergence: first, firstDivergenceNote: placeText(first), suspects };
  const reached = suspects.some(({ output }) => output === row.output);
  const note = `every node alone is within its own error: the difference is rounding that the model amplifies, first at ${first.node || first.output} (${first.opType})`;
  const isDerived = !context.tolerances.isFixed(row.output) && !pairOf(context, row.backend).isSame;
  if (reached && isDerived && row.maxAbs !== null && isReal(context.subject.model, row.output)) {
    const { explained, unexplained } = row.maskFlips;
    const maskFlips = { ...row.maskFlips, explained: explained + unexplained, unexplained: 0 };
    return { ...row, verdict: 'agree', reason: null, maskFlips, firstDivergenceNote: note, suspects };
  }
  return { ...row, firstDivergence: first, firstDivergenceNote: note, suspects };
}

/** Where in loops a node is blamed; null outside of any. */
function placeText({ within = [] }: FirstDivergence): string | null {
  const places = within.map(({ node, opType, iteration }) => `iteration ${iteration} of ${node || opType} (${opType})`);
  return places.length === 0 ? null : `in ${places.join(', in ')}, counted from 0`;
}

/** Integers are exact, whatever they were made of. */
function isReal({ graph }: Model, output: string): boolean {
  const type = graph.outputs.find(({ name }) => name === output)?.type;
  return type?.kind !== 'tensor' || isFloat(type.dtype);
}

function whyNot(failure: string | undefined, wasSearched: boolean, searches: number): string {
  if (failure !== undefined) return `not found: ${failure}`;
  if (!wasSearched) return `not searched: only ${searches} cases are`;
  return 'run node by node every value agrees: the difference lies in what the runtime fuses';
}
