/**
 * One backend test on one backend. Whatever goes wrong is an outcome of this case and never an exception: after a crash
 * or time-out the backend starts afresh for the next one.
 */
import { encodeModel, type Model, modelInfo, RheobaseError, type ValueInfo } from '@rheobase/exporter';
import { readModelFile } from '@rheobase/exporter/node';
import type { Backend, Feeds, Session, ValueMetadata } from '@rheobase/runtime';
import { type OnnxValue, readTensorFile, readValueFile } from '@rheobase/runtime/files';
import { compareTensors } from '../comparison/index.js';
import { EXACT, type Tolerance } from '../tolerances/index.js';
import type { ConformanceCase } from './backend-test.js';
import type { CaseOutcome, CaseResult } from './conformance-report.js';
import { needsTensorEdges, withTensorEdges } from './tensor-edges.js';

/** What ONNX's own runner allows (`onnx/backend/test/runner`); element type and shape must be the expected ones. */
export const ONNX_TOLERANCE: Tolerance = {
  ...EXACT,
  rtol: 1e-3,
  atol: 1e-7,
  reason: "the tolerance of ONNX's own test runner",
};

export interface CaseOptions {
  readonly tolerance: Tolerance;
  /** Longest that one load or run may take, in ms. */
  readonly timeoutMs: number;
}

export async function runCase(backend: Backend, test: ConformanceCase, options: CaseOptions): Promise<CaseResult> {
  try {
    const mismatch = await firstMismatch(backend, test, options);
    return { name: test.name, outcome: mismatch === null ? 'passed' : 'failed', reason: mismatch };
  } catch (error) {
    return { name: test.name, outcome: outcomeOf(error), reason: reasonOf(error) };
  }
}

/** How the first output that is not as expected differs, null where all are. */
async function firstMismatch(backend: Backend, test: ConformanceCase, options: CaseOptions): Promise<string | null> {
  const model = await readModelFile(test.model);
  const mismatch = needsTensorEdges(model) ? inTensorEdges : asItIs;
  return mismatch(backend, model, test, options);
}

/** The model's own file, opened once for all data sets. */
async function asItIs(
  backend: Backend,
  model: Model,
  { model: path, dataSets }: ConformanceCase,
  { tolerance, timeoutMs }: CaseOptions,
): Promise<string | null> {
  const { externalLocations } = modelInfo(model);
  const source = externalLocations.length === 0 ? { path } : { path, externalLocations };
  const session = await backend.open(source, { timeoutMs });
  return closing(session, async () => {
    for (const dataSet of dataSets) {
      const feeds = await readTensors(dataSet.inputs, session.inputs, 'input');
      const expected = await readTensors(dataSet.outputs, session.outputs, 'output');
      const mismatch = await mismatchOf(session, feeds, expected, tolerance);
      if (mismatch !== null) return dataSets.length === 1 ? mismatch : `${dataSet.name}: ${mismatch}`;
    }
    return null;
  });
}

/** A model that takes or gives sequences or optionals: one of its own for each data set. */
async function inTensorEdges(
  backend: Backend,
  model: Model,
  { dataSets }: ConformanceCase,
  { tolerance, timeoutMs }: CaseOptions,
): Promise<string | null> {
  for (const dataSet of dataSets) {
    const inputs = await readValues(dataSet.inputs, model.graph.inputs, 'input');
    const outputs = await readValues(dataSet.outputs, model.graph.outputs, 'output');
    const edged = withTensorEdges(model, inputs, outputs);
    const session = await backend.open({ bytes: encodeModel(edged.model) }, { timeoutMs });
    const mismatch = await closing(session, () => mismatchOf(session, edged.feeds, edged.expected, tolerance));
    if (mismatch !== null) return dataSets.length === 1 ? mismatch : `${dataSet.name}: ${mismatch}`;
  }
  return null;
}

async function closing<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    // The result is known by now; a backend that fails to let go of a session shows it in the next case.
    await session.close().catch(() => {});
  }
}

async function mismatchOf(
  session: Session,
  feeds: Feeds,
  expected: Feeds,
  tolerance: Tolerance,
): Promise<string | null> {
  const { outputs } = await session.run(feeds, Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const { reason } = compareTensors(outputs[name], value, { tolerance, worst: 0 });
    if (reason !== null) return `output ${name}: ${reason}`;
  }
  return null;
}

/** The tensors in the files by name, the n-th file being the n-th input or output of the model. */
async function readTensors(
  paths: readonly string[],
  declared: readonly ValueMetadata[],
  role: 'input' | 'output',
): Promise<Feeds> {
  // Read only once all are known to be tensors: the bytes of a map could pass for some other tensor.
  const noTensor = declared.find(({ kind }) => kind === 'non-tensor');
  if (noTensor !== undefined) {
    throw new RheobaseError('unsupported', "is a map, and ONNX Runtime's JavaScript API has none", {
      where: `${role} ${noTensor.name}`,
    });
  }
  requireAsMany(paths, declared, role);
  const tensors = await Promise.all(paths.map(readTensorFile));
  return Object.fromEntries(tensors.map((tensor, index) => [declared[index].name, tensor]));
}

async function readValues(
  paths: readonly string[],
  declared: readonly ValueInfo[],
  role: 'input' | 'output',
): Promise<readonly OnnxValue[]> {
  requireAsMany(paths, declared, role);
  return Promise.all(paths.map((path, index) => readValueFile(path, declared[index].type)));
}

function requireAsMany(paths: readonly string[], declared: readonly unknown[], role: 'input' | 'output'): void {
  if (paths.length === declared.length) return;
  const what = `the test has values for ${paths.length} ${role}s, and the model has ${declared.length}`;
  throw new RheobaseError('failed', what);
}

function outcomeOf(error: unknown): CaseOutcome {
  if (!(error instanceof RheobaseError)) return 'failed';
  switch (error.code) {
    case 'unsupported':
      return 'unsupported';
    case 'crashed':
    case 'timeout':
    case 'unavailable':
      return 'crashed';
    default:
      return 'failed';
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RheobaseError) return error.where === undefined ? error.what : `${error.where}: ${error.what}`;
  return error instanceof Error ? error.message.replace(/\s*\n\s*/g, ' ') : String(error);
}
