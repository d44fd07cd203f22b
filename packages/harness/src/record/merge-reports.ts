/**
 * Several reports as one: the shards of a matrix of jobs, or the reports of several machines. Rows are put together by
 * what they are of. Where two parts both ran a case on a backend of the same name, these are two machines, and the later
 * one's backend is told apart by its machine: `node/cpu (Darwin 24.1 arm64)`.
 */
import { badInput } from '@rheobase/exporter/errors';
import { comparedWith } from '../report/matrix.js';
import type { BackendRow, PlacementRow, VerifyReport } from '../report/verify-report.js';
import { providersOf } from '../verify/providers.js';

export interface ReportPart {
  /** Of the file, for errors. */
  readonly name: string;
  readonly report: VerifyReport;
}

/**
 * The verdict is the worst of the parts': `diverge` before `incomplete` before `agree`.
 * @throws RheobaseError `bad-input` where there is no part, or two parts mean different models by one path.
 */
export function mergeReports(parts: readonly ReportPart[]): VerifyReport {
  const [first, ...others] = parts;
  if (first === undefined) throw badInput('there is no report to merge');
  return others.reduce((merged, part) => joined(merged, part), first.report);
}

function joined(merged: VerifyReport, { name, report }: ReportPart): VerifyReport {
  checkModels(merged, name, report);
  checkReference(merged, name, report);
  const part = toldApart(merged, report);
  const known = new Set(merged.models.map(({ path }) => path));
  return {
    ...part,
    ...merged,
    verdict: worse(merged.verdict, part.verdict),
    models: [...merged.models, ...part.models.filter(({ path }) => !known.has(path))],
    environment: {
      ...merged.environment,
      versions: { ...part.environment.versions, ...merged.environment.versions },
    },
    backends: joinedBackends(merged.backends, part.backends),
    comparisons: distinct([...merged.comparisons, ...part.comparisons]),
    timings: distinct([...merged.timings, ...part.timings]),
    alarms: distinct([...merged.alarms, ...part.alarms]),
    noise: distinct([...merged.noise, ...part.noise]),
    strictPlacement: joinedViolations(merged.strictPlacement, part.strictPlacement),
    neighbourhoods: distinct([...(merged.neighbourhoods ?? []), ...(part.neighbourhoods ?? [])]),
  };
}

/** Asked for in any of the parts, it holds for those where it was. */
function joinedViolations(
  a: VerifyReport['strictPlacement'],
  b: VerifyReport['strictPlacement'],
): VerifyReport['strictPlacement'] {
  if (a === null || b === null) return a ?? b;
  return {
    violations: distinct([...a.violations, ...b.violations]),
    unknown: distinct([...(a.unknown ?? []), ...(b.unknown ?? [])]),
  };
}

const SEVERITY: readonly VerifyReport['verdict'][] = ['agree', 'incomplete', 'diverge'];

function worse(a: VerifyReport['verdict'], b: VerifyReport['verdict']): VerifyReport['verdict'] {
  return SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
}

function checkModels(merged: VerifyReport, name: string, report: VerifyReport): void {
  for (const { path, sha256 } of report.models) {
    const known = merged.models.find((model) => model.path === path);
    if (known === undefined || known.sha256 === sha256) continue;
    throw badInput(`${path} is another model here than in the reports before`, {
      where: name,
      remedy: 'merge reports of the same models',
    });
  }
}

/** Comparisons with one side and with another are no one matrix. */
function checkReference(merged: VerifyReport, name: string, report: VerifyReport): void {
  const [known, own] = [comparedWith(merged), comparedWith(report)];
  if (known === own) return;
  throw badInput(`its comparisons are with ${own}, those of the reports before with ${known}`, {
    where: name,
    remedy: 'merge reports of one --baseline or --against',
  });
}

type CaseRow = { readonly model: string; readonly backend: string; readonly case: string };

const keyOf = ({ model, backend, case: name }: CaseRow): string => JSON.stringify([model, backend, name]);

/** The part with those backends renamed that have run a case which one of that name has run already. */
function toldApart(merged: VerifyReport, part: VerifyReport): VerifyReport {
  const rowsOf = (report: VerifyReport): readonly CaseRow[] => [...report.comparisons, ...report.timings];
  const taken = new Map(rowsOf(merged).map((row) => [keyOf(row), row]));
  // A report given twice, and a recording that several parts were compared with, are the same rows again.
  const same = new Set(rowsOf(merged).map((row) => JSON.stringify(row)));
  const clashing = rowsOf(part).filter((row) => taken.has(keyOf(row)) && !same.has(JSON.stringify(row)));
  const { os, arch } = part.environment;
  const used = new Set(merged.backends.map(({ id }) => id));
  const names = new Map<string, string>();
  for (const { backend } of clashing) {
    if (names.has(backend)) continue;
    let name = `${backend} (${os} ${arch})`;
    for (let copy = 2; used.has(name); copy += 1) name = `${backend} (${os} ${arch}, ${copy})`;
    used.add(name);
    names.set(backend, name);
  }
  const renamed = (id: string): string => names.get(id) ?? id;
  const rename = <T extends { readonly backend: string }>(row: T): T => ({ ...row, backend: renamed(row.backend) });
  return {
    ...part,
    baseline: renamed(part.baseline),
    backends: part.backends.map((row) => ({ ...row, id: renamed(row.id) })),
    comparisons: part.comparisons.map(rename),
    timings: part.timings.map(rename),
    alarms: part.alarms.map(rename),
    noise: part.noise.map(rename),
    strictPlacement: part.strictPlacement && {
      violations: part.strictPlacement.violations.map(rename),
      unknown: (part.strictPlacement.unknown ?? []).map(renamed),
    },
  };
}

const STATUS: readonly BackendRow['status'][] = ['unavailable', 'ran', 'failed'];

function joinedBackends(first: readonly BackendRow[], second: readonly BackendRow[]): readonly BackendRow[] {
  const rest = second.filter(({ id }) => first.every((row) => row.id !== id));
  const both = first.map((row) => {
    const other = second.find(({ id }) => id === row.id);
    return other === undefined ? row : joinedBackend(row, other);
  });
  return [...both, ...rest];
}

function joinedBackend(a: BackendRow, b: BackendRow): BackendRow {
  const [main, other] = STATUS.indexOf(b.status) > STATUS.indexOf(a.status) ? [b, a] : [a, b];
  const placement = joinedPlacement(a.placement, b.placement);
  const notes = [...new Set([a.placementNote, b.placementNote].filter((note) => note !== null))];
  const own = providersOf(a.id);
  return {
    ...other,
    ...main,
    failures: distinct([...(a.failures ?? []), ...(b.failures ?? [])]),
    unplaced: distinct([...(a.unplaced ?? []), ...(b.unplaced ?? [])]),
    required: a.required || b.required,
    placement,
    placementNote: notes.length === 0 ? null : notes.join('; '),
    fallbacks: own === null ? 0 : placement.filter(({ provider }) => !own.includes(provider)).length,
  };
}

/** Of each model, what the first part that knows says: shards of one model all tell the same. */
function joinedPlacement(a: readonly PlacementRow[], b: readonly PlacementRow[]): readonly PlacementRow[] {
  const known = new Set(a.map(({ model }) => model));
  return [...a, ...b.filter(({ model }) => !known.has(model))];
}

function distinct<T>(rows: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const text = JSON.stringify(row);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
