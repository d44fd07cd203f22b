/** Whether a backend agrees, as a coloured word with what is to be said beside it. */
import { counted, errorSize } from '../format.js';
import type { Agreement, MatrixRow } from '../matrix.js';
import { html, type Markup } from './markup.js';

export interface AgreementBadge {
  readonly badge: Markup;
  readonly detail: string | null;
}

export function agreementBadge({ agreement, backend }: MatrixRow): AgreementBadge {
  if (backend.status !== 'ran') return { badge: badge(backend.status, backend.status), detail: backend.reason };
  const { label, detail } = describeAgreement(agreement);
  return { badge: badge(agreement.kind, label), detail };
}

function badge(kind: string, label: string): Markup {
  return html`<span class="badge ${kind}">${label}</span>`;
}

function describeAgreement(agreement: Agreement): { readonly label: string; readonly detail: string | null } {
  switch (agreement.kind) {
    case 'baseline':
      return { label: 'baseline', detail: null };
    case 'none':
      return { label: 'not compared', detail: null };
    case 'identical':
      return { label: 'identical', detail: counted(agreement.comparisons, 'comparison') };
    case 'agree':
      return {
        label: 'agree',
        detail: `within ${errorSize(agreement.maxAbs)}, ${errorSize(agreement.maxUlp)} ULP`,
      };
    case 'diverge':
      return { label: 'diverge', detail: `${agreement.diverging.length} of ${agreement.comparisons} comparisons` };
  }
}
