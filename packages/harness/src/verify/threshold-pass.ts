/**
 * The pass over the thresholds of a model: every case is run once more, with what each threshold compares as further
 * outputs, and neurons on different sides are counted. Where there are any, the baseline is run with the backend's
 * decisions: a flip that the backend's own numbers account for is explained, and so is a difference of the outputs that is
 * gone once the baseline decides the same. Functions of the model are put in the places of their calls, so that thresholds
 * inside count like any other. Models without thresholds are spared all of it.
 */
import { inlineFunctions, type Model, producedValues, withOutputs } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { BackendId } from '@rheobase/runtime';
import { nodesBehind } from '../divergence/dependencies.js';
import { joinFlips, NO_FLIPS } from '../divergence/mask-flips.js';
import { findThresholds, type Threshold } from '../divergence/thresholds.js';
import { counted } from '../report/format.js';
import type { ComparisonRow, MaskFlips } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';
import { FlipFinder } from './flip-finder.js';

/** Answers the rows with their mask flips, and with the verdicts that follow from them. */
export async function thresholdPass(
  context: ModelContext,
  contenders: readonly Contender[],
  rows: readonly ComparisonRow[],
): Promise<readonly ComparisonRow[]> {
  const { subject, baseline, emit } = context;
  const thresholds = findThresholds(inlineFunctions(subject.model));
  const reference = contenders.find(({ id }) => id === baseline);
  if (thresholds.length === 0 || rows.length === 0 || reference === undefined) return rows;
  emit({ kind: 'examining', model: subject.row.path, what: 'thresholds' });

  const notes = new Map<BackendId, string>();
  const sessions = await ActiveSessions.openTogether(
    contenders,
    subject,
    context.session,
    { failed: ({ id }, error) => notes.set(id, `thresholds not examined: ${toPlainError(error).what}`) },
    (model) => withOperandsExposed(inlineFunctions(model), thresholds),
  );
  try {
    const found = await examineCases(context, sessions, reference, thresholds);
    return rows.map((row) => {
      const note = notes.get(row.backend) ?? notes.get(baseline) ?? null;
      return conclude(row, found.get(keyOf(row)) ?? { flips: { ...NO_FLIPS, note }, accountsForAll: false });
    });
  } finally {
    await sessions.close();
  }
}

interface Examined {
  readonly flips: MaskFlips;
  /** Whether the output agrees with the baseline once that takes the backend's decisions. */
  readonly accountsForAll: boolean;
}

const keyOf = ({ backend, case: name, output }: Pick<ComparisonRow, 'backend' | 'case' | 'output'>): string =>
  JSON.stringify([backend, name, output]);

async function examineCases(
  context: ModelContext,
  sessions: ActiveSessions,
  reference: Contender,
  thresholds: readonly Threshold[],
): Promise<ReadonlyMap<string, Examined>> {
  const { subject, baseline, cases } = context;
  const { graph } = inlineFunctions(subject.model);
  const behind = graph.outputs.map(({ name }) => ({ output: name, nodes: nodesBehind(graph, name) }));
  const finder = new FlipFinder(context, reference, thresholds);
  const found = new Map<string, Examined>();
  try {
    for await (const one of cases(subject.model)) {
      const results = await sessions.runTogether(sessions.ids, one.feeds);
      const expected = results.get(baseline);
      if (expected === undefined) break;
      for (const [backend, actual] of results) {
        if (backend === baseline) continue;
        const { flips, agreeing } = await finder.examine({ backend, one, actual, expected });
        for (const { output, nodes } of behind) {
          const before = flips.filter((_, i) => nodes.has(thresholds[i]?.index ?? -1));
          found.set(keyOf({ backend, case: one.name, output }), {
            flips: joinFlips(before),
            accountsForAll: agreeing.has(output),
          });
        }
      }
    }
    return found;
  } finally {
    await finder.close();
  }
}

function withOperandsExposed(model: Model, thresholds: readonly Threshold[]): Model {
  const produced = new Set(producedValues(model));
  const operands = thresholds.flatMap(({ x, theta, node }) => [
    ...(typeof theta === 'string' ? [x, theta] : [x]),
    ...node.outputs.slice(0, 1),
  ]);
  return withOutputs(
    model,
    operands.filter((name) => produced.has(name)),
  );
}

function conclude(row: ComparisonRow, { flips, accountsForAll }: Examined): ComparisonRow {
  if (flips.unexplained > 0) {
    const why = `${counted(flips.unexplained, 'neuron')} on the other side of the threshold for no known reason`;
    const reason = row.reason === null ? why : `${row.reason}; ${why}`;
    return { ...row, maskFlips: flips, verdict: 'diverge', reason };
  }
  if (flips.explained === 0 || row.verdict === 'agree' || !accountsForAll) return { ...row, maskFlips: flips };
  const note = `the ${row.mismatched} elements out of tolerance follow from neurons within their error of the threshold: the baseline agrees once it decides the same`;
  return { ...row, maskFlips: { ...flips, note }, verdict: 'agree', reason: null };
}
