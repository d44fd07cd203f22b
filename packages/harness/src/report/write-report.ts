/** The report as a file, which appears whole or not at all. */
import { writeFileAtomic } from '@rheobase/exporter/node';
import { renderHtml } from './html/render-html.js';
import type { VerifyReport } from './verify-report.js';

export function renderJson(report: VerifyReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** @throws RheobaseError `bad-input` that names the path, where it cannot be written. */
export function writeJson(path: string, report: VerifyReport): Promise<void> {
  return writeFileAtomic(path, renderJson(report));
}

/** @throws RheobaseError `bad-input` that names the path, where it cannot be written. */
export function writeHtml(path: string, report: VerifyReport): Promise<void> {
  return writeFileAtomic(path, renderHtml(report));
}
