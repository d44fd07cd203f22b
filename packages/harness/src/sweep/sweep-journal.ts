/**
 * What a sweep has done so far, kept in a folder as it goes: a line for every model that was swept and every finding that
 * was brought down. A sweep that finds the journal of an earlier one takes what is there and goes on after it. Lines are
 * written whole or not at all: one that a kill cut off is passed over, and its model swept again.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';
import type { BackendId } from '@rheobase/runtime';
import type { SeenDifference } from './sightings.js';
import type { SweepModel } from './sweep-models.js';
import type { Finding, SweptBackend } from './sweep-report.js';
import type { ValueClass } from './values.js';

const FILE = 'journal.jsonl';
const SCHEMA = 'rheobase/sweep-journal@1';

export type OutcomeCounts = Record<'ran' | 'unsupported' | 'errors' | 'crashed', number>;

/** A difference without the inputs that show it: these follow from the model and the class of values. */
export interface JournalSighting {
  readonly values: ValueClass;
  readonly reference: BackendId;
  readonly backend: BackendId;
  readonly difference: SeenDifference;
}

/** What came of one model. */
export interface SweptModel {
  readonly runs: number;
  readonly counts: Readonly<Record<BackendId, OutcomeCounts>>;
  readonly seen: readonly JournalSighting[];
}

type Line =
  | { readonly schema: typeof SCHEMA; readonly contest: string }
  | { readonly model: string; readonly swept: SweptModel }
  | { readonly finding: string; readonly occurrences: number; readonly reduced: Finding };

export class SweepJournal {
  private readonly models = new Map<string, SweptModel>();
  private readonly findings = new Map<string, Finding>();

  private constructor(private readonly path: string) {}

  /**
   * @throws RheobaseError `bad-input` where the folder has the journal of other backends or another baseline: what they
   *   found is not what these would.
   */
  static open(folder: string, baseline: BackendId, backends: readonly SweptBackend[]): SweepJournal {
    mkdirSync(folder, { recursive: true });
    const journal = new SweepJournal(join(folder, FILE));
    const contest = JSON.stringify([baseline, backends.map(identityOf)]);
    const lines = existsSync(journal.path) ? readLines(journal.path) : [];
    const [head, ...rest] = lines;
    if (head === undefined) {
      journal.append({ schema: SCHEMA, contest });
      return journal;
    }
    if (!('schema' in head) || head.contest !== contest) {
      throw badInput('it has the sweep of other backends, versions or another baseline', {
        where: journal.path,
        remedy: 'name another folder, or sweep the same backends',
      });
    }
    for (const line of rest) journal.take(line);
    journal.endLine();
    return journal;
  }

  sweptModel(model: SweepModel): SweptModel | undefined {
    return this.models.get(keyOf(model));
  }

  recordModel(model: SweepModel, swept: SweptModel): void {
    this.append({ model: keyOf(model), swept });
  }

  /** A finding as it was brought down, where nothing has been seen of it since. */
  reduced(key: string, occurrences: number): Finding | undefined {
    return this.findings.get(findingKey(key, occurrences));
  }

  recordFinding(key: string, occurrences: number, reduced: Finding): void {
    this.append({ finding: key, occurrences, reduced });
  }

  private take(line: Line): void {
    if ('model' in line) this.models.set(line.model, line.swept);
    if ('finding' in line) this.findings.set(findingKey(line.finding, line.occurrences), line.reduced);
  }

  /** What comes next must not be lost with a line that was cut off. */
  private endLine(): void {
    if (!readFileSync(this.path, 'utf8').endsWith('\n')) appendFileSync(this.path, '\n');
  }

  private append(line: Line): void {
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }
}

function keyOf({ opType, opset, dtype, source, values }: SweepModel): string {
  return JSON.stringify([opType, opset, dtype, source, values]);
}

function findingKey(key: string, occurrences: number): string {
  return `${key} ${occurrences}`;
}

function identityOf({ id, status, runtimeVersion, implementation, device }: SweptBackend): readonly unknown[] {
  return [id, status, runtimeVersion, implementation, device];
}

function readLines(path: string): readonly Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text): Line[] => {
      try {
        return text === '' ? [] : [JSON.parse(text) as Line];
      } catch {
        // Cut off in the middle.
        return [];
      }
    });
}
