/**
 * The pass over the thresholds of a model: every case is run once more, with what each threshold compares as further
 * outputs, and neurons on different sides are counted. Models without thresholds are spared it.
 */
import { type Model, producedValues, tensorOf, withOutputs } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { BackendId, RunResult } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { nodesBehind } from '../divergence/dependencies.js';
import { findFlips, joinFlips, NO_FLIPS, type Operand } from '../divergence/mask-flips.js';
import { findThresholds, type Threshold } from '../divergence/thresholds.js';
import { counted } from '../report/format.js';
import type { ComparisonRow, MaskFlips } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';
import { derivedSource } from './model-under-test.js';

/** Answers the rows with their mask flips filled in; a row with unexplained ones diverges. */
export async function thresholdPass(
  context: ModelContext,
  contenders: readonly Contender[],
  rows: readonly ComparisonRow[],
): Promise<readonly ComparisonRow[]> {
  const { subject, baseline, emit } = context;
  const thresholds = findThresholds(subject.model);
  const [reference] = contenders.filter(({ id }) => id === baseline);
  if (thresholds.length === 0 || rows.length === 0 || reference === undefined) return rows;
  emit({ kind: 'examining', model: subject.row.path, what: 'thresholds' });

  const notes = new Map<BackendId, string>();
  const sessions = await ActiveSessions.open(
    contenders,
    await derivedSource(subject, withOperandsExposed(subject.model, thresholds)),
    context.session,
    { failed: ({ id }, error) => notes.set(id, `thresholds not examined: ${toPlainError(error).what}`) },
  );
  try {
    const found = await flipsOfCases(context, sessions, thresholds);
    const missing = (backend: BackendId): MaskFlips => ({
      ...NO_FLIPS,
      note: notes.get(backend) ?? notes.get(baseline) ?? null,
    });
    return rows.map((row) => withFlips(row, found.get(keyOf(row)) ?? missing(row.backend)));
  } finally {
    await sessions.close();
  }
}

type FlipsByRow = ReadonlyMap<string, MaskFlips>;

const keyOf = ({ backend, case: name, output }: Pick<ComparisonRow, 'backend' | 'case' | 'output'>): string =>
  JSON.stringify([backend, name, output]);

async function flipsOfCases(
  context: ModelContext,
  sessions: ActiveSessions,
  thresholds: readonly Threshold[],
): Promise<FlipsByRow> {
  const { subject, baseline, cases } = context;
  const behindOutputs = subject.model.graph.outputs.map(
    ({ name }) => [name, nodesBehind(subject.model.graph, name)] as const,
  );
  const found = new Map<string, MaskFlips>();
  for await (const one of cases(subject.model)) {
    const results = await sessions.runTogether(sessions.ids, one.feeds);
    const expected = results.get(baseline);
    if (expected === undefined) break;
    for (const [backend, actual] of results) {
      if (backend === baseline) continue;
      const flips = thresholds.map((threshold) => flipsAt(context, threshold, { backend, one, actual, expected }));
      for (const [output, behind] of behindOutputs) {
        const before = flips.filter((_, i) => behind.has(thresholds[i]?.index ?? -1));
        found.set(keyOf({ backend, case: one.name, output }), joinFlips(before));
      }
    }
  }
  return found;
}

interface Runs {
  readonly backend: BackendId;
  readonly one: Case;
  readonly actual: RunResult;
  readonly expected: RunResult;
}

function flipsAt(context: ModelContext, threshold: Threshold, runs: Runs): MaskFlips {
  const x = operandOf(context, threshold.x, runs);
  const theta =
    typeof threshold.theta === 'number'
      ? constantOperand(context, threshold.theta, x, runs)
      : operandOf(context, threshold.theta, runs);
  if (x === undefined || theta === undefined) {
    return { ...NO_FLIPS, note: `what ${threshold.node.name || threshold.node.opType} compares cannot be had` };
  }
  return findFlips(threshold, x, theta) ?? NO_FLIPS;
}

/** The value on both backends: an exposed output, a feed, or an initializer. */
function operandOf({ subject, ...context }: ModelContext, name: string, runs: Runs): Operand | undefined {
  const given = runs.one.feeds[name] ?? initializerOf(subject.model, name);
  const actual = runs.actual.outputs[name] ?? given;
  const expected = runs.expected.outputs[name] ?? given;
  if (actual === undefined || expected === undefined) return undefined;
  const { backend } = runs;
  const question = { output: name, dtype: expected.dtype, backend, baseline: context.baseline };
  return { actual, expected, tolerance: context.toleranceOf(question) };
}

function constantOperand(
  context: ModelContext,
  value: number,
  x: Operand | undefined,
  { backend }: Runs,
): Operand | undefined {
  if (x === undefined) return undefined;
  // An attribute is a float32 whatever the type of the tensor it is compared with.
  const constant: Tensor = { dtype: 'float32', shape: [], data: Float32Array.of(value) };
  const question = { output: '', dtype: constant.dtype, backend, baseline: context.baseline };
  return { actual: constant, expected: constant, tolerance: context.toleranceOf(question) };
}

function initializerOf({ graph }: Model, name: string): Tensor | undefined {
  const found = graph.initializers.find((initializer) => initializer.name === name);
  return found?.content.kind === 'inline' ? tensorOf(found) : undefined;
}

function withOperandsExposed(model: Model, thresholds: readonly Threshold[]): Model {
  const produced = new Set(producedValues(model));
  const operands = thresholds.flatMap(({ x, theta }) => (typeof theta === 'string' ? [x, theta] : [x]));
  return withOutputs(
    model,
    operands.filter((name) => produced.has(name)),
  );
}

function withFlips(row: ComparisonRow, maskFlips: MaskFlips): ComparisonRow {
  if (maskFlips.unexplained === 0) return { ...row, maskFlips };
  const flips = `${counted(maskFlips.unexplained, 'neuron')} on the other side of the threshold for no known reason`;
  return {
    ...row,
    maskFlips,
    verdict: 'diverge',
    reason: row.reason === null ? flips : `${row.reason}; ${flips}`,
  };
}
