/**
 * The report as one HTML file: no script, no network, light and dark, readable on a phone. The same matrix as in the
 * terminal, the intervals drawn, and the numbers behind it folded away; of several models, each has a page of its own.
 */
import { counted } from '../format.js';
import { comparedWith, matricesOf } from '../matrix.js';
import type { VerifyReport } from '../verify-report.js';
import { html, type Markup, raw } from './markup.js';
import { modelSection } from './model-section.js';
import { overview } from './overview.js';
import { STYLE } from './style.js';

const SAYS: Readonly<Record<VerifyReport['verdict'], string>> = {
  agree: 'every comparison is within its tolerance',
  diverge: 'at least one output is out of tolerance',
  incomplete: 'not everything that should have been compared was',
};

/** A complete document, starting with its doctype. */
export function renderHtml(report: VerifyReport): string {
  const { verdict, models, backends, comparisons } = report;
  const ran = backends.filter(({ status }) => status === 'ran').length;
  const scope = `${counted(models.length, 'model')} on ${ran} of ${counted(backends.length, 'backend')}, ${counted(comparisons.length, 'comparison')} with ${comparedWith(report)}`;
  const matrices = matricesOf(report);
  const sections = matrices.map((matrix, index) => modelSection(report, matrix, index));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Verification: ${verdict}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main class="${models.length > 1 ? 'pages' : 'single'}">
<h1>Rheobase verification</h1>
<p class="soft">${scope}</p>
<div class="lead"><span class="badge big ${verdict}">${verdict}</span><span>${SAYS[verdict]}</span></div>
${models.length > 1 ? overview(report, matrices) : null}
${sections}
${environmentFooter(report)}
</main>
</body>
</html>
`.text;
}

function environmentFooter({ environment }: VerifyReport): Markup {
  const { os, arch, cpu, cores, node, versions } = environment;
  const rows: readonly (readonly [string, string])[] = [
    ['System', `${os}, ${arch}`],
    ['Processor', `${cpu}, ${counted(cores, 'core')}`],
    ['Node', node],
    ...Object.entries(versions),
  ];
  return html`<footer><strong>Where this ran</strong><dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></footer>`;
}
