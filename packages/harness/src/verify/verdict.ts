/** What a verification amounts to, and the exit code that says so to a script. */
import type { BackendRow, ComparisonRow, FallbackRow, VerifyReport } from '../report/verify-report.js';
import { providersOf } from './providers.js';

type StrictPlacement = NonNullable<VerifyReport['strictPlacement']>;

/** What strict placement finds: nodes that ran elsewhere, and backends of which it is not known. */
export function placementVerdict(backends: readonly BackendRow[]): StrictPlacement {
  const unknown = backends.filter(({ status, unplaced = [] }) => status === 'ran' && unplaced.length > 0);
  return { violations: fallbacksIn(backends), unknown: unknown.map(({ id }) => id) };
}

/** Nodes that ran on another provider than their backend's own. */
function fallbacksIn(backends: readonly BackendRow[]): readonly FallbackRow[] {
  return backends.flatMap(({ id, placement }) => {
    const own = providersOf(id);
    const elsewhere = placement.filter(({ provider }) => own !== null && !own.includes(provider));
    return elsewhere.map((row) => ({ backend: id, ...row }));
  });
}

/** See `VerifyReport.verdict` for the rule. A divergence outweighs whatever is missing: it is known, and stays. */
export function verdictOf(
  baseline: string,
  backends: readonly BackendRow[],
  comparisons: readonly ComparisonRow[],
  strict: StrictPlacement | null = null,
): VerifyReport['verdict'] {
  if ((strict?.violations.length ?? 0) > 0 || comparisons.some(({ verdict }) => verdict === 'diverge'))
    return 'diverge';
  const baselineRan = backends.some(({ id, status }) => id === baseline && status === 'ran');
  const nothingMissing = backends.every(
    ({ status, required }) => status === 'ran' || (status !== 'failed' && !required),
  );
  // A baseline alone has nothing to disagree with; others that were all missing have.
  const compared = comparisons.length > 0 || backends.length === 1;
  const placed = (strict?.unknown?.length ?? 0) === 0;
  return baselineRan && nothingMissing && compared && placed ? 'agree' : 'incomplete';
}

/** 0 agreed, 1 diverged, 3 incomplete. */
export function exitCodeOf({ verdict }: Pick<VerifyReport, 'verdict'>): 0 | 1 | 3 {
  return verdict === 'agree' ? 0 : verdict === 'diverge' ? 1 : 3;
}
