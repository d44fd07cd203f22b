/** A name of a model, shortened where it would fill the page; the whole of it shows under a pointer. */
import { shortName } from '../format.js';
import { html, type Markup } from './markup.js';

export function nameOf(name: string): Markup {
  const short = shortName(name);
  return short === name ? html`<span>${name}</span>` : html`<span title="${name}">${short}</span>`;
}
