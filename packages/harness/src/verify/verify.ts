/**
 * Verification: the same models and cases on every backend, compared with one of them, timed, and reported.
 *
 * Each model goes through passes that share nothing but the rows of the report: compare and time; count neurons on
 * other sides of their thresholds; search for the first node that diverges; ask where the nodes ran. A backend that fails
 * in any of them leaves what it had given before, and the others go on.
 */

import type { Model } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { type CaseSource, checkFeeds, seededCases } from '../cases/index.js';
import { noisePass } from '../noise/noise-pass.js';
import { neighbourhoodsOf } from '../report/neighbourhood.js';
import type { ComparisonRow, ModelRow, Neighbourhood, ReferenceRow, VerifyReport } from '../report/verify-report.js';
import { arithmeticOf } from '../tolerances/index.js';
import { BundleShelf } from './bundle-shelf.js';
import { comparisonPass, openSessions } from './comparison-pass.js';
import { Contender } from './contender.js';
import type { ModelContext, VerifyContext } from './context.js';
import { divergencePass } from './divergence-pass.js';
import { describeEnvironment } from './environment.js';
import { ModelTolerances } from './model-tolerances.js';
import { type ModelUnderTest, readModel } from './model-under-test.js';
import type { VerifyOptions } from './options.js';
import { placementPass } from './placement-pass.js';
import { thresholdPass } from './threshold-pass.js';
import { placementVerdict, verdictOf } from './verdict.js';
import { joinRows, type ModelRows, verifyAgainst } from './verify-against.js';

/**
 * Verifies models across backends.
 * @throws RheobaseError `bad-input` for a model that cannot be read, cases that do not fit it, or a baseline or required
 *   backend that is not among `backends`. What goes wrong on a backend is no error but a row of the report.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  checkOptions(options);
  // All models are read before anything runs: a bad file should not cost what the others have computed.
  const models: ModelRow[] = [];
  const names = new Set<string>();
  const cases = options.cases ?? ((model: Model) => seededCases(model, { seed: options.seed ?? 0 }));
  for (const given of options.models) {
    const { row, model } = await readModel(given);
    models.push(row);
    for (const { name } of model.graph.outputs) names.add(name);
    await inFile(row.path, () => checkFirstCase(model, cases));
  }

  checkNamedOutputs(options, names);
  const reference = options.against === undefined ? undefined : await readModel(options.against);
  const context = await prepare(options, cases);
  const parts: ModelRows[] = [];
  const neighbourhoods: Neighbourhood[] = [];
  const differences: ReferenceRow['differences'][number][] = [];
  for (const [index, given] of options.models.entries()) {
    const subject = await readModel(given, models[index]);
    context.emit({ kind: 'model', model: subject.row.path, index, count: models.length });
    const rows = await inFile(subject.row.path, () =>
      reference === undefined
        ? verifyModel(modelContext(context, subject))
        : verifyAgainst(modelContext(context, subject), reference, verifyModel),
    );
    differences.push(...(rows.differences ?? []).map((one) => ({ model: subject.row.path, ...one })));
    parts.push(rows);
    neighbourhoods.push(...neighbourhoodsOf(subject.row.path, subject.model.graph, rows.comparisons));
  }

  const { baseline, contenders } = context;
  const backends = contenders.map((contender) => contender.row(models.length));
  const rows = joinRows(parts);
  const strictPlacement = options.strictPlacement === true ? placementVerdict(backends) : null;
  const verdict = verdictOf(baseline, backends, rows.comparisons, strictPlacement);
  context.emit({ kind: 'done', verdict });
  return {
    schema: 'rheobase/verify@1',
    verdict,
    models,
    baseline,
    against: reference === undefined ? null : { ...reference.row, differences },
    environment: describeEnvironment({ ...versionsOf(contenders), ...options.versions }),
    backends,
    ...rows,
    neighbourhoods,
    strictPlacement,
  };
}

async function verifyModel(context: ModelContext): Promise<ModelRows> {
  const sessions = await openSessions(context);
  try {
    const { comparisons, timings, alarms } = await comparisonPass(context, sessions);
    // A GPU's compiled programs live while a session does: with one open, further passes need not compile them again,
    // which takes seconds. A processor has none, and its memory may be short.
    await sessions.close((id) => arithmeticOf(id) === 'cpu');
    const rows = await examine(context, comparisons);
    return { ...rows, timings, alarms };
  } finally {
    await sessions.close();
  }
}

/** What is asked of a model beyond its outputs. */
async function examine(
  context: ModelContext,
  comparisons: readonly ComparisonRow[],
): Promise<Pick<ModelRows, 'comparisons' | 'noise'>> {
  const { contenders, subject } = context;
  const able = contenders.filter((contender) => contender.available && !contender.hasFailedOn(subject.row.path));
  const withFlips = await thresholdPass(context, able, comparisons);
  const complete = await divergencePass(context, able, withFlips);
  await placementPass(context, able);
  const noise = context.noiseFloor ? await noisePass(context, able) : [];
  return { comparisons: complete, noise };
}

function modelContext(context: VerifyContext, subject: ModelUnderTest): ModelContext {
  return { ...context, subject, tolerances: new ModelTolerances(subject.model, context.tolerance) };
}

/** Starting the backends takes seconds; cases that cannot be fed are told before. */
async function checkFirstCase(model: Model, cases: CaseSource): Promise<void> {
  for await (const first of cases(model)) {
    checkFeeds(model, first);
    return;
  }
}

/** What is wrong with a model's cases, told with the model's name. */
async function inFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(path) : error;
  }
}

async function prepare(options: VerifyOptions, cases: CaseSource): Promise<VerifyContext> {
  const { seed = 0, mode = 'latency', runs = 30, time = 'shapes', timingBudgetMs = 10_000, searches = 4 } = options;
  const emit = options.onEvent ?? (() => {});
  const contenders = await Promise.all(
    options.backends.map(async (backend) => {
      const contender = await Contender.probe(backend, options.require?.includes(backend.id) ?? false);
      emit({ kind: 'probed', backend: backend.id, availability: contender.availability });
      return contender;
    }),
  );
  return {
    contenders,
    baseline: options.baseline,
    cases,
    tolerance: options.tolerance ?? {},
    session: options.session ?? {},
    timing: { mode, runs, which: time, budgetMs: timingBudgetMs, untimed: options.untimed ?? [] },
    searches,
    noiseFloor: options.noiseFloor ?? false,
    bundles: options.reduce === undefined ? null : new BundleShelf(options.reduce),
    seed,
    emit,
  };
}

/** A tolerance for an output that no model has would be taken for a tolerance that holds. */
function checkNamedOutputs({ tolerance }: VerifyOptions, names: ReadonlySet<string>): void {
  const unknown = Object.keys(tolerance?.outputs ?? {}).find((name) => !names.has(name));
  if (unknown === undefined) return;
  const remedy = `outputs are ${[...names].slice(0, 10).join(', ')}`;
  throw badInput('no model has such an output', { where: `tolerance of ${unknown}`, remedy });
}

function checkOptions({ models, backends, baseline, require: required = [] }: VerifyOptions): void {
  if (models.length === 0) throw badInput('there is no model to verify');
  const paths = models.map((model) => (typeof model === 'string' ? model : model.path));
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  if (repeated !== undefined) throw badInput('is given twice', { where: repeated });
  const ids = backends.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw badInput('is given twice', { where: `backend ${twice}` });
  for (const [role, id] of [['baseline', baseline], ...required.map((name) => ['required backend', name])] as const) {
    if (id !== undefined && !ids.includes(id)) {
      throw badInput('is not among the backends', { where: `${role} ${id}`, remedy: `these are ${ids.join(', ')}` });
    }
  }
}

/** Versions by what they are of; each backend's ONNX Runtime under the backend's id. */
function versionsOf(contenders: readonly Contender[]): Record<string, string> {
  return Object.assign(
    {},
    ...contenders.map(({ id, availability }) =>
      availability.available ? { ...availability.versions, [id]: availability.runtimeVersion } : {},
    ),
  );
}
