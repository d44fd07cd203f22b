/**
 * Tables as text: a row an example, a column of targets. Read as a stream, row by row, into arrays that grow, so that a
 * file larger than its numbers passes through. Commas, semicolons or tabs; the first line may name the columns.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { parse } from 'csv-parse';
import { isGzip } from './read-bytes.js';
import type { Source, SourceOptions } from './source.js';

/** Names of columns that are taken for the target where none is named. */
const KNOWN_TARGETS = ['label', 'labels', 'class', 'target', 'y', 'species', 'digit'];
/** Columns that Rheobase knows to be pixels: `pixel12`, `1x28`. */
const PIXEL = /^(pixel_?\d+|\d+x\d+)$/i;

export async function readCsv(path: string, start: Uint8Array, options: SourceOptions): Promise<Source> {
  const file = createReadStream(path);
  const text = isGzip(start) ? file.pipe(createGunzip()) : file;
  const rows = text.pipe(parse({ bom: true, delimiter: [',', ';', '\t'], skip_empty_lines: true, trim: true }));
  // An error of the file or of unpacking ends the rows too.
  file.on('error', (error: Error) => rows.destroy(error));
  text.on('error', (error: Error) => rows.destroy(error));
  const table = new Table(path, options);
  try {
    for await (const row of rows) table.add(row as readonly string[]);
  } catch (error) {
    if (error instanceof RheobaseError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(`cannot be read as CSV: ${reason}`, { where: path, cause: error });
  }
  return table.source();
}

class Table {
  #columns: readonly string[] | undefined;
  #width = 0;
  #target: number | undefined;
  #rows = 0;
  #line = 0;
  #x = new Float32Array(4096);
  #filled = 0;
  readonly #targets: string[] = [];

  constructor(
    private readonly path: string,
    private readonly options: SourceOptions,
  ) {}

  add(row: readonly string[]): void {
    this.#line += 1;
    if (this.#line === 1 && this.#begin(row)) return;
    if (row.length !== this.#width) this.#fail(`has ${row.length} columns, those before ${this.#width}`);
    const features = this.#width - (this.#target === undefined ? 0 : 1);
    if (this.#filled + features > this.#x.length) this.#grow(features);
    for (const [column, cell] of row.entries()) {
      if (column === this.#target) this.#targets.push(cell);
      else this.#x[this.#filled++] = this.#number(cell, column);
    }
    this.#rows += 1;
  }

  /** Reads the first line; whether it names the columns. */
  #begin(row: readonly string[]): boolean {
    const hasHeader = this.options.header ?? row.every((cell) => !isNumber(cell));
    this.#width = row.length;
    if (hasHeader) this.#columns = row;
    this.#target = this.#targetColumn();
    return hasHeader;
  }

  #targetColumn(): number | undefined {
    const { labelColumn, labelled, labels, features } = this.options;
    const columns = this.#columns ?? [];
    if (labelColumn !== undefined) return this.#namedColumn(labelColumn);
    if (labels !== undefined) return undefined;
    const known = columns.findIndex((name) => KNOWN_TARGETS.includes(name.toLowerCase()));
    if (known !== -1) return known;
    if (labelled === false && this.#width - 1 !== features) return undefined;
    return this.#width - 1;
  }

  #namedColumn(given: string): number {
    const columns = this.#columns ?? [];
    const named = columns.indexOf(given);
    if (named !== -1) return named;
    const number = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
    const column = number < 0 ? this.#width + number : number;
    if (column >= 0 && column < this.#width) return column;
    const known = columns.length === 0 ? `0 to ${this.#width - 1}` : brief(columns);
    throw badInput(`has no column ${JSON.stringify(given)}`, {
      where: this.path,
      remedy: `choose one of ${known} by --label-column`,
    });
  }

  #number(cell: string, column: number): number {
    if (isNumber(cell)) return Number(cell);
    const name = this.#columns?.[column] ?? String(column);
    const problem = cell === '' ? 'is empty' : `is ${JSON.stringify(cell.slice(0, 40))}`;
    throw badInput(`${problem}, not a number`, {
      where: `${this.path}: line ${this.#line}, column ${name}`,
      remedy: 'take the column out, or name it by --label-column if it is the target',
    });
  }

  #grow(features: number): void {
    const grown = new Float32Array(Math.max(2 * this.#x.length, this.#filled + features));
    grown.set(this.#x);
    this.#x = grown;
  }

  #fail(problem: string): never {
    throw badInput(problem, { where: `${this.path}: line ${this.#line}` });
  }

  source(): Source {
    if (this.#rows === 0) throw badInput('holds no examples', { where: this.path });
    const features = this.#width - (this.#target === undefined ? 0 : 1);
    if (features === 0) throw badInput('holds one column, which is the target', { where: this.path });
    const x: Tensor = { dtype: 'float32', shape: [this.#rows, features], data: this.#x.slice(0, this.#filled) };
    const inputs = this.#columns?.filter((_, column) => column !== this.#target);
    const pixels = inputs?.every((name) => PIXEL.test(name)) ?? false;
    return {
      name: this.path,
      train: { x, y: this.#target === undefined ? undefined : targetsOf(this.#targets), pixels },
    };
  }
}

/** Numbers where all are, else names. */
function targetsOf(cells: readonly string[]): Tensor {
  const shape = [cells.length];
  if (cells.every(isNumber)) return { dtype: 'float64', shape, data: Float64Array.from(cells, Number) };
  return { dtype: 'string', shape, data: cells };
}

/** Infinities and NaN are numbers too: that they cannot be trained on is said later, with the example. */
function isNumber(cell: string): boolean {
  return cell !== '' && (!Number.isNaN(Number(cell)) || /^[+-]?(nan|inf(inity)?)$/i.test(cell));
}

function brief(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}
