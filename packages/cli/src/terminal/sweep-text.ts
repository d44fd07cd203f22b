/** A sweep for people: what each backend did, every finding with the command that shows it again. */
import type { Finding, SweepReport } from '@rheobase/harness';
import { table } from './table.js';

export function renderSweep(report: SweepReport): string {
  const { models, runs, findings, allowed, complete } = report;
  const rows = report.backends.map((backend) => {
    if (backend.status === 'unavailable') return [backend.id, `unavailable: ${backend.reason}`, '', '', ''];
    return [backend.id, backend.ran, backend.unsupported, backend.errors, backend.crashed].map(String);
  });
  const parts = [
    `${models} models, ${runs} runs${complete ? '' : ' (interrupted)'}\n\n`,
    table(['backend', 'ran', 'unsupported', 'errors', 'crashed'], rows),
    ...findings.map(findingText),
    allowedText(allowed),
    `\n${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}\n`,
  ];
  return parts.join('');
}

function findingText({ title, kind, backends, dtypes, opsets, occurrences, example, replay, bundle }: Finding): string {
  const types = dtypes.map((dtype) => dtype ?? 'any type').join(', ');
  const times = `${occurrences} ${occurrences === 1 ? 'time' : 'times'}`;
  const lines = [
    title,
    `  ${kind} on ${backends.join(', ')}; ${types}; opset ${opsets.join(', ')}; ${times}`,
    ...(example.output === null ? [`  ${example.got}`] : []),
    `  ${replay}`,
    ...(bundle === null ? [] : [`  ${bundle}`]),
  ];
  return `\n${lines.join('\n')}\n`;
}

/** One paragraph a rule: which operators came out otherwise, as they may. */
function allowedText(allowed: readonly Finding[]): string {
  const byRule = new Map<string, { source: string; operators: Set<string> }>();
  for (const { latitude, operator } of allowed) {
    if (latitude === null) continue;
    const rule = byRule.get(latitude.name) ?? { source: latitude.source, operators: new Set() };
    byRule.set(latitude.name, rule);
    rule.operators.add(operator);
  }
  const paragraphs = [...byRule].map(([name, { source, operators }]) => {
    return `\nLeft open: ${name} (${source})\n  ${[...operators].join(' ')}\n`;
  });
  return paragraphs.join('');
}
