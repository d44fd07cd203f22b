/**
 * The search for the first node that diverges, over the cases that did: intermediates are exposed a group at a time, in
 * topological order, and the search ends with the group in which every diverging output has found its node. Groups
 * keep the memory that intermediates take, and the time where the fault lies early, within bounds.
 */
import { type Model, producedValues, withOutputs } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { BackendId, RunResult } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { compareTensors } from '../comparison/index.js';
import { firstDivergence } from '../divergence/first-divergence.js';
import type { ComparisonRow, FirstDivergence } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';
import { derivedSource } from './model-under-test.js';

/** Intermediates exposed at a time. */
const GROUP = 64;

/** Answers the rows with the first divergence of those that diverge filled in, or why it is not. */
export async function divergencePass(
  context: ModelContext,
  contenders: readonly Contender[],
  rows: readonly ComparisonRow[],
): Promise<readonly ComparisonRow[]> {
  const { subject, baseline, searches, emit } = context;
  const diverging = rows.filter(({ verdict }) => verdict === 'diverge');
  if (diverging.length === 0) return rows;
  const suspects = contenders.filter(({ id }) => id === baseline || diverging.some(({ backend }) => backend === id));
  const lost = [baseline, ...diverging.map(({ backend }) => backend)].filter(
    (id) => !suspects.some((suspect) => suspect.id === id),
  );
  const search = new Search(context, withinLimit(diverging, searches), lost);
  if (search.isOpen) emit({ kind: 'examining', model: subject.row.path, what: 'divergence' });
  const values = producedValues(subject.model);
  for (let start = 0; start < values.length && search.isOpen; start += GROUP) {
    await search.lookAt(suspects, values.slice(start, start + GROUP));
  }
  return rows.map((row) => (row.verdict === 'diverge' ? search.complete(row) : row));
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

const keyOf = ({ backend, case: name, output }: ComparisonRow): string => JSON.stringify([backend, name, output]);

class Search {
  private readonly open: Map<string, ComparisonRow>;
  private readonly searched: ReadonlySet<string>;
  private readonly found = new Map<string, FirstDivergence>();
  private readonly failures: Map<BackendId, string>;

  constructor(
    private readonly context: ModelContext,
    rows: readonly ComparisonRow[],
    lost: readonly BackendId[],
  ) {
    this.failures = new Map(lost.map((id) => [id, `${id} failed before`]));
    this.searched = new Set(rows.map(keyOf));
    this.open = new Map(rows.filter(({ backend }) => !this.failures.has(backend)).map((row) => [keyOf(row), row]));
  }

  get isOpen(): boolean {
    return this.open.size > 0 && !this.failures.has(this.context.baseline);
  }

  async lookAt(suspects: readonly Contender[], values: readonly string[]): Promise<void> {
    const { subject, session, cases } = this.context;
    const exposed = onlyOutputs(withOutputs(subject.model, values), values);
    const sessions = await ActiveSessions.open(
      suspects.filter(({ id }) => !this.failures.has(id)),
      await derivedSource(subject, exposed),
      session,
      { failed: ({ id }, error) => this.failures.set(id, toPlainError(error).what) },
    );
    try {
      for await (const one of cases(subject.model)) {
        if (![...this.open.values()].some((row) => row.case === one.name)) continue;
        await this.lookAtCase(sessions, one, values);
        if (!this.isOpen) break;
      }
    } finally {
      await sessions.close();
    }
  }

  private async lookAtCase(sessions: ActiveSessions, one: Case, values: readonly string[]): Promise<void> {
    const { baseline } = this.context;
    const rows = [...this.open.values()].filter((row) => row.case === one.name);
    const backends = sessions.ids.filter((id) => rows.some(({ backend }) => backend === id));
    const results = await sessions.runTogether([baseline, ...backends], one.feeds);
    const expected = results.get(baseline);
    for (const [backend, actual] of results) {
      if (expected === undefined || backend === baseline) continue;
      this.blame(
        rows.filter((row) => row.backend === backend),
        values,
        actual,
        expected,
      );
    }
  }

  private blame(
    rows: readonly ComparisonRow[],
    values: readonly string[],
    actual: RunResult,
    expected: RunResult,
  ): void {
    const answers = new Map<string, boolean>();
    for (const row of rows) {
      const first = firstDivergence(this.context.subject.model, row.output, values, (value) => {
        const known = answers.get(value) ?? this.diverges(row.backend, value, actual, expected);
        answers.set(value, known);
        return known;
      });
      if (first === undefined) continue;
      this.found.set(keyOf(row), first);
      this.open.delete(keyOf(row));
    }
  }

  private diverges(backend: BackendId, value: string, actual: RunResult, expected: RunResult): boolean {
    const [a, e] = [actual.outputs[value], expected.outputs[value]];
    if (a === undefined || e === undefined) return false;
    const { baseline, toleranceOf } = this.context;
    const tolerance = toleranceOf({ output: value, dtype: e.dtype, backend, baseline });
    return compareTensors(a, e, { tolerance, worst: 0 }).verdict === 'diverge';
  }

  complete(row: ComparisonRow): ComparisonRow {
    const first = this.found.get(keyOf(row));
    if (first !== undefined) return { ...row, firstDivergence: first };
    return { ...row, firstDivergenceNote: this.whyNot(row) };
  }

  private whyNot(row: ComparisonRow): string {
    const failure = this.failures.get(row.backend) ?? this.failures.get(this.context.baseline);
    if (failure !== undefined) return `not found: ${failure}`;
    if (!this.searched.has(keyOf(row))) return `not searched: only ${this.context.searches} cases are`;
    return 'run node by node every value agrees: the difference lies in what the runtime fuses';
  }
}

/** The model with the given outputs alone, so that nothing else has to be read back. */
function onlyOutputs(model: Model, names: readonly string[]): Model {
  const wanted = new Set(names);
  return { ...model, graph: { ...model.graph, outputs: model.graph.outputs.filter(({ name }) => wanted.has(name)) } };
}
