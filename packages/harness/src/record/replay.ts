/** Compares the backends of this machine with a recorded run: the same models and inputs, the recording as baseline. */
import { badInput } from '@rheobase/exporter/errors';
import type { Backend, BackendId } from '@rheobase/runtime';
import type { TimingRow, VerifyReport } from '../report/verify-report.js';
import type { VerifyOptions } from '../verify/options.js';
import { verify } from '../verify/verify.js';
import { mergeReports } from './merge-reports.js';
import { recordedBackend, recordedId } from './recorded-backend.js';
import { Run } from './run.js';

export interface ReplayOptions extends Omit<VerifyOptions, 'models' | 'cases' | 'baseline' | 'backends'> {
  /** Folder that a verification was saved to. */
  readonly folder: string;
  /** Backends of this machine; they stay the caller's to close. */
  readonly backends: readonly Backend[];
  /** Which recorded backend the others are compared with; default the baseline of the recorded run. */
  readonly baseline?: BackendId;
}

/**
 * A report as `verify` makes it. Recorded backends are rows too, called `recorded:ID`, with the times of their own
 * machine, which are set in no ratio to those of this one.
 * @throws RheobaseError `bad-input` for a folder that is no run, a damaged one, and a baseline that was not recorded.
 */
export async function replay({ folder, backends, baseline, ...options }: ReplayOptions): Promise<VerifyReport> {
  const run = await Run.read(folder);
  const recordedIds = run.description.backends.map(({ id }) => id);
  const reference = baseline?.replace(/^recorded:/, '') ?? run.description.baseline;
  if (!recordedIds.includes(reference)) {
    throw badInput('is not among the recorded backends', {
      where: `baseline ${reference}`,
      remedy: `these are ${recordedIds.join(', ')}`,
    });
  }
  const recorded = recordedIds.map((id) => recordedBackend(run, id));
  const reports: VerifyReport[] = [];
  for (const source of run.modelPaths) {
    const path = run.modelAt(source) ?? source;
    const report = await verify({
      ...options,
      models: [{ path, source: { path: source } }],
      cases: run.casesOf(path),
      backends: [...recorded, ...backends],
      baseline: recordedId(reference),
      untimed: recorded.map(({ id }) => id),
    });
    reports.push({ ...report, timings: withRecordedTimes(report, run.description.timings) });
  }
  return mergeReports(reports.map((report, index) => ({ name: `model ${index}`, report })));
}

function withRecordedTimes({ timings }: VerifyReport, recorded: readonly TimingRow[]): readonly TimingRow[] {
  return timings.map((row) => {
    const original = recorded.find(
      (one) => recordedId(one.backend) === row.backend && one.model === row.model && one.case === row.case,
    );
    return original === undefined ? row : { ...original, backend: row.backend, ratioToBaseline: null };
  });
}
