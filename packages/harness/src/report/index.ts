export { durationWithInterval, printable, threeDigits } from './format.js';
export { renderHtml } from './html/render-html.js';
export { renderJUnit } from './junit.js';
export { renderMarkdown } from './markdown.js';
export { renderTerminal, type TerminalOptions } from './terminal.js';
export { clockNote, timingText } from './timing-text.js';
export type * from './verify-report.js';
export { renderJson, writeHtml, writeJson } from './write-report.js';
