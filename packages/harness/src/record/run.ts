/** A recorded run as something to ask: its models, its cases, and what a backend answered to which inputs. */
import { resolve } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';
import { confinedPath } from '@rheobase/exporter/node';
import type { BackendId, Feeds } from '@rheobase/runtime';
import type { Case, CaseSource } from '../cases/index.js';
import { feedsDigest } from './feeds-digest.js';
import { type RecordedCase, type RunDescription, readRunFile } from './run-folder.js';
import { readTensors } from './tensor-files.js';

export class Run {
  /** Path in the folder → path as the recorded report has it. */
  private readonly models: ReadonlyMap<string, string>;
  /** Cases by model and digest of the inputs, as they are read. */
  private readonly byDigest = new Map<string, RecordedCase>();

  private constructor(
    readonly folder: string,
    readonly description: RunDescription,
  ) {
    this.models = new Map(description.models.map(({ path, file }) => [resolve(confinedPath(folder, file)), path]));
  }

  /** @throws RheobaseError `bad-input` in one line for a folder that is no run, or a damaged one. */
  static async read(folder: string): Promise<Run> {
    const run = new Run(folder, await readRunFile(folder));
    if (run.description.models.length === 0) throw badInput('records no model', { where: folder });
    return run;
  }

  /** The models to run, as the report should call them. */
  get modelPaths(): readonly string[] {
    return [...this.models.keys()];
  }

  /** What the recorded report calls the model at a path, undefined for another. */
  modelAt(path: string): string | undefined {
    return this.models.get(resolve(path));
  }

  /** The recorded cases of one model. */
  casesOf(model: string): CaseSource {
    const { folder, byDigest, description } = this;
    const cases = description.cases.filter((one) => one.model === model);
    return async function* () {
      for (const one of cases) {
        const feeds = await readTensors(folder, one.inputs);
        byDigest.set(JSON.stringify([model, feedsDigest(feeds)]), one);
        yield { name: one.name, feeds } satisfies Case;
      }
    };
  }

  async outputsOf(
    model: string,
    backend: BackendId,
    digest: string,
  ): Promise<{ readonly outputs: Feeds; readonly ms: number } | undefined> {
    const recorded = this.byDigest.get(JSON.stringify([model, digest]))?.outputs[backend];
    if (recorded === undefined) return undefined;
    return { outputs: await readTensors(this.folder, recorded.files), ms: recorded.ms };
  }
}
