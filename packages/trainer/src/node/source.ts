/** What every kind of source is read as, before it becomes data sets. */
import type { Dataset, Examples } from '../data/index.js';

export interface Source {
  /** How errors call it: the path as it was given. */
  readonly name: string;
  readonly train: Examples | Dataset;
  /** A split for testing that the source brings along. */
  readonly test?: Examples | Dataset | undefined;
}

export interface SourceOptions {
  /** A file with the targets, where they are not in the source. */
  readonly labels?: string;
  /** Of a CSV: the column with the target, by its name or its number from 0; negative numbers count from the end. */
  readonly labelColumn?: string;
  /** Of a CSV: whether its first line names the columns; by default that is told by whether it is numbers. */
  readonly header?: boolean;
  /** Whether targets are looked for at all where the source could do without; default true. */
  readonly labelled?: boolean;
  /** Of a CSV that could do without targets: how many inputs there are, so that one column more is the target. */
  readonly features?: number;
}

export function isDataset(data: Examples | Dataset): data is Dataset {
  return 'read' in data;
}
