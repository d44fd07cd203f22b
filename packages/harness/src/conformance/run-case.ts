/**
 * One backend test on one backend. Whatever goes wrong is an outcome of this case and never an exception: after a crash
 * or time-out the backend starts afresh for the next one.
 */
import { modelInfo, RheobaseError } from '@rheobase/exporter';
import { readModelFile } from '@rheobase/exporter/node';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Backend, Feeds, ModelSource, Session, ValueMetadata } from '@rheobase/runtime';
import { readTensorFile } from '@rheobase/runtime/files';
import { compareTensors } from '../comparison/index.js';
import { EXACT, type Tolerance } from '../tolerances/index.js';
import type { ConformanceCase, DataSet } from './backend-test.js';
import type { CaseOutcome, CaseResult } from './conformance-report.js';

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
async function firstMismatch(
  backend: Backend,
  { model, dataSets }: ConformanceCase,
  { tolerance, timeoutMs }: CaseOptions,
): Promise<string | null> {
  const session = await backend.open(await sourceOf(model), { timeoutMs });
  try {
    for (const dataSet of dataSets) {
      const mismatch = await mismatchIn(dataSet, session, tolerance);
      if (mismatch !== null) return dataSets.length === 1 ? mismatch : `${dataSet.name}: ${mismatch}`;
    }
    return null;
  } finally {
    // The result is known by now; a backend that fails to let go of a session shows it in the next case.
    await session.close().catch(() => {});
  }
}

async function sourceOf(path: string): Promise<ModelSource> {
  const { externalLocations } = modelInfo(await readModelFile(path));
  return externalLocations.length === 0 ? { path } : { path, externalLocations };
}

async function mismatchIn(dataSet: DataSet, session: Session, tolerance: Tolerance): Promise<string | null> {
  const feeds: Feeds = await readValues(dataSet.inputs, session.inputs, 'input');
  const expected = await readValues(dataSet.outputs, session.outputs, 'output');
  const { outputs } = await session.run(feeds, Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const { reason } = compareTensors(outputs[name], value, { tolerance, worst: 0 });
    if (reason !== null) return `output ${name}: ${reason}`;
  }
  return null;
}

/** The tensors in the files by name, the n-th file being the n-th input or output of the model. */
async function readValues(
  paths: readonly string[],
  declared: readonly ValueMetadata[],
  role: 'input' | 'output',
): Promise<Readonly<Record<string, Tensor>>> {
  // Read only once all are known to be tensors: the bytes of a sequence could pass for some other tensor.
  const noTensor = declared.find(({ kind }) => kind === 'non-tensor');
  if (noTensor !== undefined) {
    throw new RheobaseError('unsupported', "is a sequence or optional, and ONNX Runtime's JavaScript API has neither", {
      where: `${role} ${noTensor.name}`,
    });
  }
  if (paths.length !== declared.length) {
    throw new RheobaseError(
      'failed',
      `the test has values for ${paths.length} ${role}s, and the model has ${declared.length}`,
    );
  }
  const tensors = await Promise.all(paths.map(readTensorFile));
  return Object.fromEntries(tensors.map((tensor, index) => [declared[index].name, tensor]));
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
