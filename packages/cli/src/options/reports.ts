/** Options of every command that makes a verification report: in which forms, and where to. */
import {
  renderHtml,
  renderJson,
  renderJUnit,
  renderMarkdown,
  renderTerminal,
  type VerifyReport,
} from '@rheobase/harness';
import { requireWritable, writeOutput } from '../output.js';
import { terminalOptions } from '../terminal/terminal-options.js';

export interface ReportArguments {
  json?: string;
  html?: string;
  junit?: string;
  markdown?: string;
}

/** For yargs’ `options`. */
export const REPORT_OPTIONS = {
  json: { type: 'string', describe: 'Write the report as JSON (- for standard output)' },
  html: { type: 'string', describe: 'Write the report as one self-contained HTML file' },
  junit: { type: 'string', describe: 'Write the report as JUnit XML, a test case per comparison' },
  markdown: { type: 'string', describe: 'Write a summary as GitHub-flavoured Markdown' },
} as const;

/** @throws RheobaseError `bad-input` where a place cannot be written. */
export function requireReportsWritable({ json, html, junit, markdown }: ReportArguments): void {
  requireWritable(json, html, junit, markdown);
}

/** Writes the files asked for; the report for people goes to standard output unless that was asked for something else. */
export async function writeReports(report: VerifyReport, args: ReportArguments): Promise<void> {
  await writeOutput(args.json, () => renderJson(report));
  await writeOutput(args.html, () => renderHtml(report));
  await writeOutput(args.junit, () => renderJUnit(report));
  await writeOutput(args.markdown, () => renderMarkdown(report));
  const taken = [args.json, args.html, args.junit, args.markdown].includes('-');
  if (!taken) process.stdout.write(renderTerminal(report, terminalOptions()));
}
