/** Reports read back from JSON files. */
import { readFile } from 'node:fs/promises';
import { badInput } from '@rheobase/exporter/errors';
import type { VerifyReport } from '../report/verify-report.js';

const LISTS = ['models', 'backends', 'comparisons', 'timings'] as const;
const VERDICTS: readonly unknown[] = ['agree', 'diverge', 'incomplete'];

/** @throws RheobaseError `bad-input`, naming the file, where it cannot be read, is no report, or a damaged one. */
export async function readReport(path: string): Promise<VerifyReport> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput(`cannot be read as a report (${reason})`, { where: path, cause });
  }
  if (!isReport(content)) {
    throw badInput('is no rheobase/verify@1 report', { where: path, remedy: 'give what verify --json has written' });
  }
  return { ...ADDED_SINCE, ...content };
}

/** Fields that reports of before did not have. */
const ADDED_SINCE = { against: null, alarms: [], strictPlacement: null, noise: [] } as const;

function isReport(content: unknown): content is VerifyReport {
  if (typeof content !== 'object' || content === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...content };
  return (
    fields.schema === 'rheobase/verify@1' &&
    VERDICTS.includes(fields.verdict) &&
    typeof fields.environment === 'object' &&
    fields.environment !== null &&
    LISTS.every((name) => {
      const list = fields[name];
      return Array.isArray(list) && list.every((row) => typeof row === 'object' && row !== null);
    })
  );
}
