/** The report in short as GitHub-flavoured Markdown, for the summary of a job or a comment on a pull request. */
import { blameText } from './blame-text.js';
import { counted, errorSize, printable, providerName, shortName, threeDigits } from './format.js';
import { type Agreement, comparedWith, type MatrixRow, type ModelMatrix, matricesOf, speedOf } from './matrix.js';
import { clockNotes, timingHead, timingText } from './timing-text.js';
import type { ComparisonRow, VerifyReport } from './verify-report.js';

const DIVERGENCES_NAMED = 20;

const MARKS = { agree: '✅', diverge: '❌', incomplete: '⚠️' } as const;

export function renderMarkdown(report: VerifyReport): string {
  const { verdict, comparisons, environment, backends } = report;
  const reference = cell(comparedWith(report));
  const diverging = comparisons.filter((row) => row.verdict === 'diverge').length;
  const scope =
    verdict === 'diverge'
      ? `${diverging} of ${counted(comparisons.length, 'comparison')} with ${reference}`
      : `${counted(comparisons.length, 'comparison')} with ${reference}`;
  const sections = matricesOf(report).map((matrix) => modelSection(report, matrix));
  const missing = backends.flatMap(({ id, status, reason }) =>
    status === 'ran' ? [] : [`- **${cell(id)}** ${status}: ${cell(reason ?? '')}`],
  );
  const notes = [...missing, ...clockNotes(report).map((note) => `- ${cell(note)}`)];
  const footer = `<sub>${cell(`${environment.os} ${environment.arch}, ${environment.cpu}, Node ${environment.node}`)}</sub>`;
  const parts = [`## ${MARKS[verdict]} rheobase verify: ${verdict}`, scope, ...sections, notes.join('\n'), footer];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function modelSection(report: VerifyReport, { model, rows }: ModelMatrix): string {
  const head = ['backend', 'agreement', 'placement', `${timingHead(report)} [95 %]`, 'against baseline'];
  const body = rows.filter(({ backend }) => backend.status !== 'unavailable').map(tableRow);
  const table = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const diverging = report.comparisons.filter((row) => row.model === model.path && row.verdict === 'diverge');
  const named = diverging.slice(0, DIVERGENCES_NAMED).map(divergenceItem);
  const rest = diverging.length - named.length;
  const items = [...named, ...(rest > 0 ? [`- and ${rest} more that diverge`] : [])].join('\n');
  return [`### ${cell(model.path)}`, table, items].filter((part) => part !== '').join('\n\n');
}

function tableRow({ backend, agreement, placement, timings: [timing], isBaseline }: MatrixRow): readonly string[] {
  const median = (timing === undefined ? null : timingText(timing)) ?? '';
  const ratio = isBaseline || timing === undefined || timing.ratioToBaseline === null ? null : timing.ratioToBaseline;
  const speed = ratio === null ? null : speedOf(ratio);
  const against =
    speed === null
      ? ''
      : speed.verdict === 'no difference'
        ? speed.verdict
        : `${threeDigits(speed.factor)}× ${speed.verdict}`;
  return [
    `${cell(backend.id)}${backend.software ? ' (software adapter)' : ''}`,
    backend.status === 'failed' ? '❌ failed' : agreementText(agreement),
    cell(placement.map(({ provider, nodes }) => `${nodes} ${providerName(provider)}`).join(', ')),
    median,
    against,
  ];
}

function agreementText(agreement: Agreement): string {
  switch (agreement.kind) {
    case 'baseline':
      return 'baseline';
    case 'none':
      return 'not compared';
    case 'identical':
      return '✅ identical';
    case 'agree':
      return `✅ agree (${errorSize(agreement.maxAbs)})`;
    case 'diverge':
      return `❌ diverge ${agreement.diverging.length}/${agreement.comparisons}`;
  }
}

function divergenceItem(row: ComparisonRow): string {
  const { backend, case: name, output, reason } = row;
  const blame = blameText(row, shortName) ?? '';
  return `- **${cell(backend)}** ${cell(`${shortName(name)}, ${shortName(output)}: ${reason ?? ''}${blame === '' ? '' : `; ${blame}`}`)}`;
}

/** Text as text, on one line: nothing of it is markup, a table's border, a link or a mention. */
function cell(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~^$-]/g, (mark) => `\\${mark}`)
    .replace(/@/g, '@\u200b')
    .replace(/:\/\//g, ':\u200b//');
}
