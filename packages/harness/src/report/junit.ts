/**
 * The report as JUnit XML, which every CI system reads: a test suite per model, a test case per comparison and one per
 * backend that failed or is missing (an error where it was required, else skipped).
 */
import { blameText } from './blame-text.js';
import { comparedWith } from './matrix.js';
import type { BackendRow, ComparisonRow, ModelRow, VerifyReport } from './verify-report.js';

export function renderJUnit(report: VerifyReport): string {
  const suites = report.models.map((model) => suiteOf(report, model));
  const all = [...suites, backendSuite(report)];
  const body = all.map(({ xml }) => xml).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rheobase verify" ${countsOf(all)}>
${body}
</testsuites>
`;
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly xml: string;
}

type Outcome = 'passed' | 'failures' | 'errors' | 'skipped';

interface TestCase {
  readonly outcome: Outcome;
  readonly xml: string;
}

function suiteOf(report: VerifyReport, { path }: ModelRow): Suite {
  const { comparisons, timings } = report;
  const rows = comparisons.filter((row) => row.model === path);
  return suite(
    path,
    rows.map((row) => {
      const timing = timings.find((one) => one.model === path && one.backend === row.backend && one.case === row.case);
      const seconds = ((timing?.firstRunMs ?? 0) / 1000).toFixed(6);
      return testCase(row.backend, `${row.case} ${row.output}`, seconds, failureOf(row, comparedWith(report)));
    }),
  );
}

function failureOf(row: ComparisonRow, reference: string): Problem | null {
  if (row.verdict === 'agree') return null;
  const blame = blameText(row);
  const message = `${row.output} differs from ${reference}: ${row.reason ?? 'out of tolerance'}`;
  return { kind: 'failure', message, detail: [message, blame].filter((text) => text !== null).join('\n') };
}

function backendSuite({ backends }: VerifyReport): Suite {
  return suite(
    'backends',
    backends.map((row) => testCase('backends', row.id, '0', problemOf(row))),
  );
}

function problemOf({ status, reason, required }: BackendRow): Problem | null {
  if (status === 'ran') return null;
  const message = reason ?? status;
  return { kind: status === 'failed' || required ? 'error' : 'skipped', message, detail: message };
}

interface Problem {
  readonly kind: 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly detail: string;
}

const OUTCOMES = { failure: 'failures', error: 'errors', skipped: 'skipped' } as const;

function testCase(className: string, name: string, seconds: string, problem: Problem | null): TestCase {
  const head = `<testcase classname="${escapeXml(className)}" name="${escapeXml(name)}" time="${seconds}"`;
  if (problem === null) return { outcome: 'passed', xml: `    ${head}/>` };
  const { kind, message, detail } = problem;
  const inner = `<${kind} message="${escapeXml(message)}">${escapeXml(detail)}</${kind}>`;
  return { outcome: OUTCOMES[kind], xml: `    ${head}>${inner}</testcase>` };
}

function suite(name: string, cases: readonly TestCase[]): Suite {
  const count = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = {
    tests: cases.length,
    failures: count('failures'),
    errors: count('errors'),
    skipped: count('skipped'),
  };
  const lines = cases.map(({ xml }) => `${xml}\n`).join('');
  const head = `<testsuite name="${escapeXml(name)}" ${attributes(counts)}>`;
  return { ...counts, xml: `  ${head}\n${lines}  </testsuite>` };
}

function countsOf(suites: readonly Suite[]): string {
  const sum = (key: 'tests' | 'failures' | 'errors' | 'skipped'): number =>
    suites.reduce((total, one) => total + one[key], 0);
  return attributes({
    tests: sum('tests'),
    failures: sum('failures'),
    errors: sum('errors'),
    skipped: sum('skipped'),
  });
}

function attributes(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Characters that XML 1.0 has none of (section 2.2), lone surrogates among them, become U+FFFD. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff\p{Cs}]/gu, '\ufffd')
      .replace(/[&<>"'\n\r\t]/g, (character: string) => ENTITIES[character] ?? '')
  );
}
