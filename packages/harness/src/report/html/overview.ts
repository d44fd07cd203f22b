/**
 * The first page of a report of several models: a row a model, a column a backend, each row a link to the model's own
 * page. Pages are sections of the one file; the style sheet shows the one that the address names after its `#`.
 */

import type { MatrixRow, ModelMatrix } from '../matrix.js';
import { timingText } from '../timing-text.js';
import type { VerifyReport } from '../verify-report.js';
import { agreementBadge } from './agreement.js';
import { html, type Markup } from './markup.js';

export const OVERVIEW = 'overview';

/** What the address names a model's page by. */
export function pageName(index: number): string {
  return `model-${index + 1}`;
}

export function overview({ backends }: VerifyReport, matrices: readonly ModelMatrix[]): Markup {
  const heads = backends.map(({ id, software }) => html`<th>${id}${software ? ' *' : ''}</th>`);
  const isSoftware = backends.some(({ software }) => software);
  return html`<section class="card overview" id="${OVERVIEW}">
<header><h2>Models</h2><p class="soft">Each name leads to a page of its own.</p></header>
<div class="scroll"><table>
<thead><tr><th>Model</th>${heads}</tr></thead>
<tbody>${matrices.map(({ model, rows }, index) => html`<tr><td class="name"><a href="#${pageName(index)}">${model.path}</a></td>${rows.map(cell)}</tr>`)}</tbody>
</table></div>
${isSoftware ? html`<p class="soft">* on a software adapter: its times say nothing of a GPU.</p>` : null}
</section>`;
}

function cell(row: MatrixRow): Markup {
  const [timing] = row.timings;
  const text = timing === undefined ? null : timingText(timing);
  // The interval is on the model's own page.
  const median = text?.replace(/ \[.*$/, '') ?? null;
  return html`<td>${agreementBadge(row).badge}${median === null ? null : html`<small>${median}</small>`}</td>`;
}

/** Above a model's page: the way back, and to the pages beside it. */
export function pageLinks(index: number, count: number): Markup | null {
  if (count === 1) return null;
  const link = (to: number, text: string): Markup | null =>
    to < 0 || to >= count ? null : html`<a href="#${pageName(to)}">${text}</a>`;
  return html`<nav><a href="#${OVERVIEW}">All models</a>${link(index - 1, '‹ previous')}${link(index + 1, 'next ›')}<span class="soft">${index + 1} of ${count}</span></nav>`;
}
