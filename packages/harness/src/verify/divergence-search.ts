/**
 * The search through one model's values, for rows of cases that go through it the same way. Intermediates are exposed a
 * group at a time, in topological order, together with what their nodes read; of the values out of tolerance, the first
 * whose node creates a difference by itself is what the outputs after it are blamed on.
 */
import { constantNodeTensor, type Model, producedValues, readsOf } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { BackendId, Feeds } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { compareTensors } from '../comparison/index.js';
import { nodesBehind } from '../divergence/dependencies.js';
import { producerOf } from '../divergence/first-divergence.js';
import type { ComparisonRow, FirstDivergence, Suspect } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';
import { ModelTolerances } from './model-tolerances.js';
import { exposing, rolesOf } from './suspects.js';

/** Intermediates exposed at a time. Groups bound the memory that they take, and the time where the fault lies early. */
const GROUP = 64;

export interface Found {
  /** The node that creates the difference, else the first that shows it. */
  readonly first: FirstDivergence;
  readonly role: Suspect['role'];
  /** Values out of tolerance that were seen, in order, each with what its node does. */
  readonly suspects: readonly Suspect[];
}

export class DivergenceSearch {
  private readonly flat: Model;
  private readonly tolerances: ModelTolerances;
  private readonly open: Map<string, ComparisonRow>;
  private readonly suspects = new Map<string, Suspect[]>();
  private readonly behind = new Map<string, ReadonlySet<string>>();

  /** `failures`: backends that are out, and why; those that fail here are added. */
  constructor(
    private readonly context: ModelContext,
    private readonly flatten: (model: Model) => Model,
    rows: readonly ComparisonRow[],
    private readonly failures: Map<BackendId, string>,
  ) {
    this.flat = flatten(context.subject.model);
    this.tolerances = new ModelTolerances(this.flat, context.tolerance);
    this.open = new Map(rows.filter(({ backend }) => !failures.has(backend)).map((row) => [rowKey(row), row]));
  }

  async run(sides: readonly Contender[], cases: readonly Case[]): Promise<void> {
    const values = this.comparableValues(sides);
    for (const { feeds } of cases) this.tolerances.learnShapes(feeds);
    for (let start = 0; start < values.length && this.isOpen; start += GROUP) {
      await this.lookAt(sides, cases, values.slice(start, start + GROUP));
    }
  }

  /** What was found for a row, undefined where no value is out of tolerance. */
  foundFor(row: ComparisonRow): Found | undefined {
    const suspects = this.suspects.get(rowKey(row)) ?? [];
    const chosen = suspects.find(({ role }) => role !== 'carries') ?? suspects[0];
    if (chosen === undefined) return undefined;
    const { role, node, opType, output } = chosen;
    return { first: { node, opType, output }, role, suspects };
  }

  private get isOpen(): boolean {
    return this.open.size > 0 && !this.failures.has(this.context.baseline);
  }

  /** Values that every side has, constants left out: a constant shows in the nodes that take it. */
  private comparableValues(sides: readonly Contender[]): readonly string[] {
    const constants = new Set(
      this.flat.graph.nodes.filter((node) => constantNodeTensor(node) !== undefined).flatMap(({ outputs }) => outputs),
    );
    const others = sides
      .flatMap(({ subject }) => subject ?? [])
      .map(({ model }) => new Set(producedValues(this.flatten(model))));
    return producedValues(this.flat).filter(
      (value) => !constants.has(value) && others.every((values) => values.has(value)),
    );
  }

  private async lookAt(sides: readonly Contender[], cases: readonly Case[], group: readonly string[]): Promise<void> {
    const exposed = [...new Set([...group, ...this.readBy(group)])];
    const sessions = await ActiveSessions.open(
      sides.filter(({ id }) => !this.failures.has(id)),
      this.context.subject,
      this.context.session,
      { failed: ({ id }, error) => this.failures.set(id, toPlainError(error).what) },
      (model) => {
        const flat = this.flatten(model);
        const produced = new Set(producedValues(flat));
        return exposing(
          flat,
          exposed.filter((name) => produced.has(name)),
        );
      },
    );
    try {
      for (const one of cases) await this.lookAtCase(sessions, sides, one, group);
    } finally {
      await sessions.close();
    }
  }

  /** What the nodes of a group read from other nodes. */
  private readBy(group: readonly string[]): readonly string[] {
    const wanted = new Set(group);
    const produced = new Set(producedValues(this.flat));
    return this.flat.graph.nodes
      .filter(({ outputs }) => outputs.some((name) => wanted.has(name)))
      .flatMap((node) => [...readsOf(node)].filter((name) => produced.has(name)));
  }

  private async lookAtCase(
    sessions: ActiveSessions,
    sides: readonly Contender[],
    one: Case,
    group: readonly string[],
  ): Promise<void> {
    const { baseline } = this.context;
    const rows = [...this.open.values()].filter((row) => row.case === one.name);
    if (rows.length === 0) return;
    const backends = sessions.ids.filter((id) => rows.some(({ backend }) => backend === id));
    const results = await sessions.runTogether([baseline, ...backends], one.feeds);
    const expected = results.get(baseline);
    for (const [backend, actual] of results) {
      if (expected === undefined || backend === baseline) continue;
      await this.blame(
        sides,
        backend,
        rows.filter((row) => row.backend === backend),
        group,
        { actual: { ...one.feeds, ...actual.outputs }, expected: { ...one.feeds, ...expected.outputs } },
      );
    }
  }

  private async blame(
    sides: readonly Contender[],
    backend: BackendId,
    rows: readonly ComparisonRow[],
    group: readonly string[],
    { actual, expected }: { actual: Feeds; expected: Feeds },
  ): Promise<void> {
    const relevant = new Map(rows.map((row) => [row, this.valuesBehind(row.output)]));
    const diverging = group.filter(
      (value) =>
        [...relevant.values()].some((values) => values.has(value)) && this.diverges(backend, value, actual, expected),
    );
    if (diverging.length === 0) return;
    const [reference, suspect] = [this.context.baseline, backend].map((id) => sides.find((side) => side.id === id));
    if (reference === undefined || suspect === undefined) return;
    const question = { reference, suspect, flatten: this.flatten, values: diverging, expected, actual };
    const roles = await rolesOf(this.context, question);
    for (const [row, values] of relevant) {
      const key = rowKey(row);
      const suspects = this.suspects.get(key) ?? [];
      this.suspects.set(key, suspects);
      for (const value of diverging.filter((name) => values.has(name))) {
        const producer = producerOf(this.flat, value);
        if (producer !== undefined) suspects.push({ ...producer, role: roles.get(value) ?? 'unknown' });
      }
      if (suspects.some(({ role }) => role !== 'carries')) this.open.delete(key);
    }
  }

  private valuesBehind(output: string): ReadonlySet<string> {
    const known =
      this.behind.get(output) ??
      new Set(
        [...nodesBehind(this.flat.graph, output)].flatMap((index) => this.flat.graph.nodes[index]?.outputs ?? []),
      );
    this.behind.set(output, known);
    return known;
  }

  private diverges(backend: BackendId, value: string, actual: Feeds, expected: Feeds): boolean {
    const [a, e] = [actual[value], expected[value]];
    if (a === undefined || e === undefined) return false;
    const tolerance = this.tolerances.of(value, e.dtype, pairOf(this.context, backend));
    return compareTensors(a, e, { tolerance, worst: 0, histogram: false }).verdict === 'diverge';
  }
}

export function rowKey({ backend, case: name, output }: ComparisonRow): string {
  return JSON.stringify([backend, name, output]);
}
