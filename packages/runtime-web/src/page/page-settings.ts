/** What the driver tells its page, in the page's query string. */
import type { WebProvider } from '../engine/ort-build.js';

export interface PageSettings {
  readonly provider: WebProvider;
  readonly threads: number;
}

export function pageQuery({ provider, threads }: PageSettings): string {
  return new URLSearchParams({ provider, threads: String(threads) }).toString();
}

/** The driver wrote them, so they are as it wrote them. */
export function pageSettings(query: URLSearchParams): PageSettings {
  return { provider: query.get('provider') as WebProvider, threads: Number(query.get('threads')) };
}
