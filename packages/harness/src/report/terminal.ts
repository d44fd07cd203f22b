/** The report as plain text for a terminal: one matrix per model, then what needs to be said of its rows. */
import { styleText } from 'node:util';
import { blameText } from './blame-text.js';
import { counted, errorSize, printable, providerName, shortName, threeDigits } from './format.js';
import { type Agreement, comparedWith, type MatrixRow, type ModelMatrix, matricesOf, speedOf } from './matrix.js';
import { noticesOf } from './notices.js';
import { clockNotes, timingHead, timingText } from './timing-text.js';
import type { BackendRow, ComparisonRow, Ratio, TimingRow, VerifyReport } from './verify-report.js';

export interface TerminalOptions {
  /** Width in characters that notes are wrapped to and columns shrink to; default 80. */
  readonly columns?: number;
  /** Colours by ANSI codes; default false. */
  readonly color?: boolean;
}

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/**
 * How much room a table takes, the roomiest first: with every word; with short ones; with the interval below its median.
 */
const LAYOUTS = ['wide', 'short', 'narrow'] as const;
type Layout = (typeof LAYOUTS)[number];

const HEADERS: Readonly<Record<Layout, (time: string) => readonly string[]>> = {
  wide: (time) => ['backend', 'agreement', 'placement', `${time} [95 % interval]`, 'against baseline'],
  short: (time) => ['backend', 'agreement', 'placement', `${time} [95 %]`, 'baseline'],
  narrow: (time) => ['backend', 'agreement', 'placement', time, 'baseline'],
};

/** A case's name in its cell of the table. */
const CASE_LENGTH = 24;

/** Diverging comparisons named per model; the rest is in the JSON. */
const DIVERGENCES_NAMED = 8;

export function renderTerminal(report: VerifyReport, { columns = 80, color = false }: TerminalOptions = {}): string {
  const paint = (text: string, style: Style | undefined): string =>
    // Whether the stream takes colours has been decided by the caller.
    color && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
  const sections = matricesOf(report).map((matrix) => renderModel(report, matrix, columns, paint));
  const verdict = paint(report.verdict, VERDICT_STYLE[report.verdict]);
  const about = [
    ...report.backends.flatMap((row) => notesOf(row, report.models.length)),
    ...clockNotes(report).map(printable),
  ];
  const notes = wrapNotes(about, columns, paint)
    .map((line) => `\n${line}`)
    .join('');
  return `${sections.join('\n\n')}${notes}\n\n${paint('verdict', 'bold')} ${verdict}${explain(report)}\n`;
}

type Paint = (text: string, style: Style | undefined) => string;

const VERDICT_STYLE = { agree: 'green', diverge: 'red', incomplete: 'yellow' } as const;

function explain(report: VerifyReport): string {
  const { verdict, backends, comparisons, strictPlacement } = report;
  const what = printable(comparedWith(report));
  if (verdict === 'agree') return `: ${counted(comparisons.length, 'comparison')} with ${what}`;
  if (verdict === 'diverge') {
    const diverging = comparisons.filter((row) => row.verdict === 'diverge').length;
    const fallbacks = strictPlacement?.violations.length ?? 0;
    const strict = fallbacks === 0 ? '' : `, and ${counted(fallbacks, 'node')} fell back`;
    return `: ${diverging} of ${counted(comparisons.length, 'comparison')} with ${what}${strict}`;
  }
  const missing = backends.filter(({ status, required }) => status === 'failed' || (status !== 'ran' && required));
  return missing.length === 0 ? ': nothing was compared' : `: without ${missing.map(({ id }) => id).join(', ')}`;
}

function renderModel(report: VerifyReport, { model, rows }: ModelMatrix, columns: number, paint: Paint): string {
  const title = `${paint(printable(model.path), 'bold')} ${paint(`opset ${model.opset}, ${counted(model.nodes, 'node')}`, 'dim')}`;
  const present = rows.filter(({ backend }) => backend.status !== 'unavailable');
  const notes = [
    ...(report.models.length === 1 ? [] : rows.flatMap(failureNote)),
    ...divergenceNotes(report, model.path),
    ...noticesOf(report, model.path).map(printable),
  ];
  return [
    title,
    '',
    ...fittingTable(present, timingHead(report), columns, paint),
    ...wrapNotes(notes, columns, paint),
  ].join('\n');
}

/** The table in the roomiest layout that fits. */
function fittingTable(rows: readonly MatrixRow[], time: string, columns: number, paint: Paint): readonly string[] {
  const cells = LAYOUTS.map((layout) => [
    HEADERS[layout](time).map((text): Cell => ({ text, style: 'dim' })),
    ...rows.flatMap((row) => cellsOf(row, layout)),
  ]);
  const fitting = cells.find((lines) => widthsOf(lines).reduce((sum, width) => sum + width + 2, -2) <= columns);
  return table(fitting ?? cells.at(-1) ?? [], paint);
}

function cellsOf(row: MatrixRow, layout: Layout): readonly (readonly Cell[])[] {
  const [first, ...others] = row.timings;
  const mark = row.backend.software ? ' *' : '';
  const head: readonly Cell[] = [
    { text: `${printable(row.backend.id)}${mark}` },
    agreementCell(row),
    { text: placementText(row, layout), ...(row.backend.fallbacks > 0 ? { style: 'yellow' } : {}) },
  ];
  const empty: Cell = { text: '' };
  const caseName = (timing: TimingRow): readonly Cell[] => [
    empty,
    { text: printable(shortName(timing.case, CASE_LENGTH)), style: 'dim' },
    empty,
  ];
  return [
    ...withTiming(head, first, row.isBaseline, layout),
    ...others.flatMap((timing) => withTiming(caseName(timing), timing, row.isBaseline, layout)),
  ];
}

/** The line that begins with `cells` and goes on with times; in the narrow layout a second line has the interval. */
function withTiming(
  cells: readonly Cell[],
  timing: TimingRow | undefined,
  isBaseline: boolean,
  layout: Layout,
): readonly (readonly Cell[])[] {
  const text = timing === undefined ? null : timingText(timing);
  if (timing === undefined || text === null) return [cells];
  const { ratioToBaseline } = timing;
  const ratio = isBaseline || ratioToBaseline === null ? { text: '' } : ratioCell(ratioToBaseline, layout);
  if (layout !== 'narrow') return [[...cells, { text }, ratio]];
  const split = text.indexOf('[');
  const below: readonly Cell[] = [...cells.map((): Cell => ({ text: '' })), { text: text.slice(split), style: 'dim' }];
  return [[...cells, { text: text.slice(0, split - 1) }, ratio], below];
}

function ratioCell(ratio: Ratio, layout: Layout): Cell {
  const { verdict, factor } = speedOf(ratio);
  if (verdict === 'no difference') return { text: layout === 'wide' ? verdict : 'same', style: 'dim' };
  return { text: `${threeDigits(factor)}× ${verdict}` };
}

function agreementCell({ agreement, backend }: MatrixRow): Cell {
  if (backend.status === 'failed') return { text: 'FAILED', style: 'red' };
  return AGREEMENT_CELL[agreement.kind](agreement as never);
}

type OfKind<K extends Agreement['kind']> = Extract<Agreement, { kind: K }>;

const AGREEMENT_CELL: { readonly [K in Agreement['kind']]: (agreement: OfKind<K>) => Cell } = {
  baseline: () => ({ text: 'baseline', style: 'dim' }),
  none: () => ({ text: 'not compared', style: 'yellow' }),
  identical: () => ({ text: 'identical', style: 'green' }),
  agree: ({ maxAbs }) => ({ text: `agree (${errorSize(maxAbs)})`, style: 'green' }),
  diverge: ({ diverging, comparisons }) => ({ text: `DIVERGE ${diverging.length}/${comparisons}`, style: 'red' }),
};

/** `94 WebGpu, 13 CPU`, or shorter `94 WebGpu +13`. */
function placementText({ placement }: MatrixRow, layout: Layout): string {
  const [main, ...others] = placement.map(({ provider, nodes }) => `${nodes} ${printable(providerName(provider))}`);
  if (main === undefined) return 'unknown';
  if (layout === 'wide') return [main, ...others].join(', ');
  const elsewhere = placement.slice(1).reduce((sum, { nodes }) => sum + nodes, 0);
  return elsewhere === 0 ? main : `${main} +${elsewhere}`;
}

/** Of several models, each tells what failed on it. */
function failureNote({ backend: { id, status, reason } }: MatrixRow): readonly string[] {
  return status === 'failed' ? [printable(`${id} failed: ${reason}`)] : [];
}

/** What is to be said of a backend, whatever the model. */
function notesOf(
  { id, status, reason, failures = [], software, device, placementNote }: BackendRow,
  models: number,
): readonly string[] {
  const notes: string[] = [];
  if (models > 1 && failures.length > 0) notes.push(`${id} failed on ${failures.length} of ${models} models`);
  else if (status !== 'ran') notes.push(`${id} ${status}: ${reason}`);
  if (software)
    notes.push(`* ${id} runs on the software adapter ${device ?? 'of the driver'}: its times say nothing of a GPU`);
  if (placementNote !== null) notes.push(`${id}: ${placementNote}`);
  return notes.map(printable);
}

function divergenceNotes(report: VerifyReport, model: string): readonly string[] {
  const diverging = report.comparisons.filter((row) => row.model === model && row.verdict === 'diverge');
  const named = diverging.slice(0, DIVERGENCES_NAMED).map(describeDivergence);
  const rest = diverging.length - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more that diverge`] : [])].map(printable);
}

function describeDivergence(row: ComparisonRow): string {
  const { maskFlips } = row;
  const blame = blameText(row, shortName);
  const masks = maskFlips.explained === 0 ? '' : `; ${counted(maskFlips.explained, 'flipped neuron')} explained`;
  return `${row.backend} ${shortName(row.case)} ${shortName(row.output)}: ${row.reason}${masks}${blame === null ? '' : `; ${blame}`}`;
}

type Lines = readonly (readonly Cell[])[];

function widthsOf(lines: Lines): readonly number[] {
  const count = Math.max(...lines.map((cells) => cells.length));
  return Array.from({ length: count }, (_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.text.length ?? 0)),
  );
}

function table(lines: Lines, paint: Paint): readonly string[] {
  const widths = widthsOf(lines);
  return lines.map((cells) =>
    cells
      .map(({ text, style }, column) => {
        const padding = column === cells.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length);
        return paint(text, style) + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

function wrapNotes(notes: readonly string[], columns: number, paint: Paint): readonly string[] {
  if (notes.length === 0) return [];
  return ['', ...notes.flatMap((note) => wrap(note, columns).map((line) => paint(line, 'dim')))];
}

/** Lines of at most `columns` characters, the second and later ones indented; a word longer than that is cut. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (joined.length <= columns) {
      line = joined;
      continue;
    }
    if (line.trim() !== '') lines.push(line);
    line = lines.length === 0 ? word : `  ${word}`;
    while (line.length > columns) {
      lines.push(line.slice(0, columns));
      line = `  ${line.slice(columns)}`;
    }
  }
  return [...lines, line];
}
