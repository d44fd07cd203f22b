/**
 * What every form of the report shows first: per model, a row per backend with its agreement, placement and time. The
 * forms (terminal, HTML) only print it.
 */
import { type SpeedVerdict, speedVerdict } from '../timing/index.js';
import type { BackendRow, ComparisonRow, ModelRow, Ratio, TimingRow, VerifyReport } from './verify-report.js';

export interface ModelMatrix {
  readonly model: ModelRow;
  readonly rows: readonly MatrixRow[];
}

export interface MatrixRow {
  /** As it did on this model. */
  readonly backend: BackendRow;
  readonly isBaseline: boolean;
  readonly agreement: Agreement;
  /** Number of this model's nodes by provider, the most first; empty where it is not known. */
  readonly placement: readonly { readonly provider: string; readonly nodes: number }[];
  /** One per timed case. */
  readonly timings: readonly TimingRow[];
}

export type Agreement =
  | { readonly kind: 'baseline' }
  /** Nothing was compared: unavailable, failed before, or without a baseline. */
  | { readonly kind: 'none' }
  /** Every element equal; NaN equals NaN. */
  | { readonly kind: 'identical'; readonly comparisons: number }
  | { readonly kind: 'agree'; readonly comparisons: number; readonly maxAbs: number; readonly maxUlp: number }
  | { readonly kind: 'diverge'; readonly comparisons: number; readonly diverging: readonly ComparisonRow[] };

export function matricesOf(report: VerifyReport): readonly ModelMatrix[] {
  return report.models.map((model) => ({
    model,
    rows: report.backends.map((backend) => rowOf(report, model.path, backend)),
  }));
}

/** The backend as it did on one model: it may have failed on another. */
function onModel(backend: BackendRow, model: string): BackendRow {
  const { status, failures = [] } = backend;
  if (status !== 'failed' || failures.length === 0) return backend;
  const own = failures.find((failure) => failure.model === model);
  return own === undefined ? { ...backend, status: 'ran', reason: null } : { ...backend, reason: own.reason };
}

function rowOf(report: VerifyReport, model: string, whole: BackendRow): MatrixRow {
  const backend = onModel(whole, model);
  const isOwn = (row: { readonly model: string; readonly backend: string }): boolean =>
    row.model === model && row.backend === backend.id;
  const isBaseline = report.against === null && backend.id === report.baseline;
  return {
    backend,
    isBaseline,
    agreement:
      isBaseline && backend.status === 'ran' ? { kind: 'baseline' } : agreementOf(report.comparisons.filter(isOwn)),
    placement: countByProvider(backend.placement.filter((node) => node.model === model)),
    timings: report.timings.filter(isOwn),
  };
}

function agreementOf(rows: readonly ComparisonRow[]): Agreement {
  const comparisons = rows.length;
  if (comparisons === 0) return { kind: 'none' };
  const diverging = rows.filter(({ verdict }) => verdict === 'diverge');
  if (diverging.length > 0) return { kind: 'diverge', comparisons, diverging };
  if (rows.every(isIdentical)) return { kind: 'identical', comparisons };
  const largest = (measure: 'maxAbs' | 'maxUlp'): number => Math.max(...rows.map((row) => row[measure] ?? 0));
  return { kind: 'agree', comparisons, maxAbs: largest('maxAbs'), maxUlp: largest('maxUlp') };
}

function isIdentical({ mismatched, maxAbs, signedZeroMismatches }: ComparisonRow): boolean {
  return mismatched === 0 && (maxAbs ?? 0) === 0 && signedZeroMismatches === 0;
}

function countByProvider(nodes: readonly { readonly provider: string }[]): MatrixRow['placement'] {
  const counts = new Map<string, number>();
  for (const { provider } of nodes) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  return [...counts].map(([provider, count]) => ({ provider, nodes: count })).toSorted((a, b) => b.nodes - a.nodes);
}

/** Whose outputs count: a reference model's or a backend's. */
export function comparedWith({ against, baseline }: VerifyReport): string {
  // Reports of an earlier version know of no reference models.
  return against?.path ?? baseline;
}

/** What a ratio of times says in a word and by how much; `factor` is at least 1. */
export function speedOf(ratio: Ratio): { readonly verdict: SpeedVerdict; readonly factor: number } {
  const verdict = speedVerdict(ratio);
  return { verdict, factor: verdict === 'faster' ? 1 / ratio.median : ratio.median };
}
