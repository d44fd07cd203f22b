/**
 * Records a verification while it runs. It sees what there is to keep by standing in between: a case source that notes
 * the cases it passes on, and backends that note what the models made of them. The verification itself knows nothing of
 * it, and outputs are written as they come, so that memory does not grow with the number of cases.
 */
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';
import { confinedPath, externalLocations, readModelFile } from '@rheobase/exporter/node';
import type { Backend, BackendId, Feeds, RunResult, Session } from '@rheobase/runtime';
import type { CaseSource } from '../cases/index.js';
import type { VerifyReport } from '../report/verify-report.js';
import { feedsDigest } from './feeds-digest.js';
import { type RecordedCase, type RecordedModel, type RecordedOutputs, writeRunFile } from './run-folder.js';
import { makeFolder, writeTensors } from './tensor-files.js';

interface OpenCase {
  readonly folder: string;
  readonly model: string;
  readonly name: string;
  readonly inputs: Promise<RecordedCase['inputs']>;
  readonly outputs: Record<BackendId, RecordedOutputs | null>;
}

export class Recording {
  private readonly names = new Map<string, string>();
  private readonly cases = new Map<string, OpenCase>();

  private constructor(private readonly folder: string) {}

  /** @throws RheobaseError `bad-input` where the folder cannot be made. */
  static async into(folder: string): Promise<Recording> {
    await makeFolder(folder);
    return new Recording(folder);
  }

  /** The same cases, noted as they pass. */
  observed(source: CaseSource): CaseSource {
    const { names } = this;
    return async function* (model, accepts) {
      for await (const one of source(model, accepts)) {
        names.set(feedsDigest(one.feeds), one.name);
        yield one;
      }
    };
  }

  /** The same backend; what models given by path answer to the cases is written down, the first time. */
  recorded(backend: Backend): Backend {
    return {
      id: backend.id,
      probe: () => backend.probe(),
      close: () => backend.close(),
      open: async (source, options) => {
        const session = await backend.open(source, options);
        return 'path' in source ? this.recordedSession(session, source.path, backend.id) : session;
      },
    };
  }

  private recordedSession(session: Session, model: string, backend: BackendId): Session {
    return {
      ...session,
      run: async (feeds, fetches) => {
        const result = await session.run(feeds, fetches);
        await this.keep(model, backend, feeds, result);
        return result;
      },
      time: (...asked) => session.time(...asked),
      profile: () => session.profile(),
      close: () => session.close(),
    };
  }

  private async keep(model: string, backend: BackendId, feeds: Feeds, { outputs, ms }: RunResult): Promise<void> {
    const digest = feedsDigest(feeds);
    const name = this.names.get(digest);
    if (name === undefined) return;
    const one = this.caseOf(model, name, digest, feeds);
    if (backend in one.outputs) return;
    one.outputs[backend] = null;
    await one.inputs;
    const stem = `${one.folder}/${backend.replace(/[^\w.-]+/g, '-')}`;
    one.outputs[backend] = { files: await writeTensors(this.folder, stem, outputs), ms };
  }

  private caseOf(model: string, name: string, digest: string, feeds: Feeds): OpenCase {
    const key = JSON.stringify([model, digest]);
    const known = this.cases.get(key);
    if (known !== undefined) return known;
    const folder = `cases/${this.cases.size}`;
    const made = makeFolder(join(this.folder, folder));
    const inputs = made.then(() => writeTensors(this.folder, `${folder}/inputs`, feeds));
    const one: OpenCase = { folder, model, name, inputs, outputs: {} };
    this.cases.set(key, one);
    return one;
  }

  /** Writes the models and, last of all, `run.json`: a folder without it is no run. */
  async finish({ baseline, environment, models, backends, timings }: VerifyReport): Promise<void> {
    const recordedModels: RecordedModel[] = [];
    for (const [index, row] of models.entries()) {
      recordedModels.push({ ...row, file: await this.copyModel(row.path, `models/${index}`) });
    }
    const cases: RecordedCase[] = [];
    for (const { model, name, inputs, outputs } of this.cases.values()) {
      const written = Object.entries(outputs).flatMap(([id, one]) => (one === null ? [] : [[id, one] as const]));
      cases.push({ model, name, inputs: await inputs, outputs: Object.fromEntries(written) });
    }
    await writeRunFile(this.folder, { baseline, environment, models: recordedModels, backends, cases, timings });
  }

  private async copyModel(path: string, folder: string): Promise<string> {
    const file = `${folder}/model.onnx`;
    const target = join(this.folder, folder);
    await makeFolder(target);
    for (const location of externalLocations(await readModelFile(path))) {
      await makeFolder(join(target, dirname(location)));
      await this.copy(confinedPath(dirname(path), location), join(target, location));
    }
    await this.copy(path, join(this.folder, file));
    return file;
  }

  private async copy(from: string, to: string): Promise<void> {
    try {
      await copyFile(from, to);
    } catch (cause) {
      throw badInput('cannot be copied', { where: `${from} to ${to}`, remedy: 'choose another folder', cause });
    }
  }
}
