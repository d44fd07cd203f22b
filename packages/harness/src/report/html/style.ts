/**
 * The style sheet of the HTML report. Colours are variables with a light and a dark value; below 640 px of width each
 * row of a matrix becomes a card, so that nothing scrolls sideways on a phone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6877; --line: #dfe4ea;
  --agree: #0b7a4b; --agree-bg: #e3f5ec; --diverge: #b3261e; --diverge-bg: #fce8e6;
  --warn: #8a5a00; --warn-bg: #fdf1d8; --accent: #2457d6; --accent-soft: #b9cbf7; --muted: #9aa6b2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141a; --card: #18202a; --ink: #e8edf3; --soft: #9aa8b7; --line: #2b3643;
    --agree: #5fd39b; --agree-bg: #12352a; --diverge: #ff8a80; --diverge-bg: #43191a;
    --warn: #f2c266; --warn-bg: #3c2f12; --accent: #8fb0ff; --accent-soft: #2f4a86; --muted: #667484;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.5rem; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; }
code, .mono, td.number { font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.86em; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: 0.875rem; }
.lead { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin: 14px 0 22px; }
.badge { display: inline-block; padding: 1px 10px; border-radius: 999px; font-weight: 600; font-size: 0.875rem; white-space: nowrap; }
.badge.big { font-size: 1rem; padding: 4px 16px; }
.agree, .identical { color: var(--agree); background: var(--agree-bg); }
.diverge, .failed { color: var(--diverge); background: var(--diverge-bg); }
.incomplete, .unavailable, .none { color: var(--warn); background: var(--warn-bg); }
.baseline.badge { color: var(--accent); background: color-mix(in srgb, var(--accent-soft) 45%, transparent); }
section.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 18px 18px 14px; margin: 0 0 20px; }
section.card > header { margin-bottom: 12px; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 0.8rem; padding: 0 14px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
td small { display: block; color: var(--soft); font-size: 0.8rem; font-weight: 400; }
.keep { white-space: nowrap; }
td.backend { font-weight: 600; white-space: nowrap; }
.fallback { color: var(--warn); font-weight: 600; }
.notes { margin: 8px 0 4px; padding: 0; list-style: none; font-size: 0.875rem; color: var(--soft); }
.notes li { margin: 4px 0; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); margin-top: 10px; padding-top: 8px; }
summary { cursor: pointer; font-size: 0.875rem; color: var(--soft); padding: 4px 0; }
details table { margin: 8px 0; font-size: 0.84rem; }
details p { font-size: 0.84rem; margin: 6px 0; }
.chart { max-width: 760px; margin: 14px 0 6px; }
.chart svg { display: block; width: 100%; height: auto; }
.chart.narrow { display: none; }
h3 { font-size: 0.875rem; margin: 12px 0 0; }
.graph { display: block; height: auto; margin: 8px 0; }
.graph text { font: 12px system-ui, sans-serif; fill: var(--soft); text-anchor: middle; }
.graph .op { font-weight: 600; fill: var(--ink); }
.graph .edge { fill: none; stroke: var(--muted); stroke-width: 1.5; }
.graph .end { fill: var(--muted); }
.graph .node rect { fill: var(--page); stroke: var(--line); }
.graph .blamed rect { fill: var(--diverge-bg); stroke: var(--diverge); stroke-width: 2; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.875rem; margin-bottom: 10px; }
nav .soft { margin-left: auto; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
.scroll { overflow-x: auto; }
.overview td { white-space: nowrap; }
.overview td.name { white-space: normal; overflow-wrap: anywhere; min-width: 11rem; font-weight: 600; }
@media screen {
  @supports selector(:has(:target)) {
    main.pages:has(> .page:target) > .overview, main.pages > .page:not(:target) { display: none; }
  }
}
footer { color: var(--soft); font-size: 0.84rem; overflow-wrap: anywhere; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 8px 0 0; }
footer dt { font-weight: 600; } footer dd { margin: 0; }
@media (max-width: 640px) {
  .chart.wide { display: none; }
  .chart.narrow { display: block; }
  main { padding: 16px 10px 48px; }
  section.card { padding: 14px 12px 10px; border-radius: 12px; }
  table.matrix thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table.matrix, table.matrix tbody, table.matrix tr, table.matrix td { display: block; width: 100%; }
  table.matrix tr { padding: 10px 0; border-bottom: 1px solid var(--line); }
  table.matrix tr:last-child { border-bottom: 0; }
  table.matrix td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); padding: 2px 0; border: 0; }
  table.matrix td::before { content: attr(data-label); color: var(--soft); font-size: 0.8rem; padding-top: 2px; }
  table.matrix td.backend { display: block; padding-bottom: 4px; font-size: 1rem; }
  table.matrix td.backend::before { content: none; }
  table.matrix td:empty { display: none; }
  details table { min-width: 480px; }
}
`;
