/** What is true of the finished model: its accuracy, and how far sparse execution is from the same products run dense. */
import { encodeModel, type Model } from '@rheobase/exporter';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import { rowsOfRun, type Samples } from './calibration/index.js';
import type { SparseExecution } from './execute-sparsely.js';
import { isApproximate } from './lowerings/index.js';
import { accuracyOf, type Labels } from './thresholds/accuracy.js';
import { allOutputsOf, judgedOutputs, outputsOf } from './thresholds/judged-outputs.js';
import { RelativeError } from './thresholds/relative-error.js';

export interface FinishedScore {
  /** Over all samples; null without labels. */
  readonly accuracy: { readonly before: number; readonly after: number } | null;
  /** Relative error at the output against dense products; null where all are dense. */
  readonly executionError: number | null;
}

export interface FinishedOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  readonly labels?: Labels;
  /** The output with the scores by class; default: the first of floats. */
  readonly scores?: string;
  readonly batch: number;
  /** Rows that the finished model is run with at once: what fires in them together decides what an approximate one drops. */
  readonly deployedRows: number;
  readonly session?: SessionOptions;
}

/** Samples on which sparse and dense are compared, at the rows of a run that were asked for. */
const COMPARED = 256;

export async function finishedScore(
  given: Model,
  { model, dense, products }: SparseExecution,
  options: FinishedOptions,
): Promise<FinishedScore> {
  const { samples, labels, batch } = options;
  const rows = rowsOfRun(given, samples, options.deployedRows);
  const ownBatch = products.some(({ lowering }) => isApproximate(lowering.kind)) ? rows : batch;
  const accuracy = async (of: Model, own: number, truth: Labels) =>
    withSession(of, options, async (session) => {
      const { names, scores } = judgedOutputs(of, options.scores);
      const outputs = await allOutputsOf(session, names.slice(scores, scores + 1), { samples, batch: own });
      return accuracyOf(outputs.flat(), truth);
    });
  const isSparse = products.some(({ lowering }) => lowering.kind !== 'dense');
  return {
    accuracy:
      labels === undefined
        ? null
        : { before: await accuracy(given, batch, labels), after: await accuracy(model, ownBatch, labels) },
    executionError: isSparse ? await executionError(dense, model, rows, options) : null,
  };
}

async function executionError(dense: Model, sparse: Model, rows: number, options: FinishedOptions): Promise<number> {
  const count = Math.min(options.samples.count, Math.max(rows, COMPARED - (COMPARED % rows)));
  const samples: Samples = { ...options.samples, count, feeds: (start, end) => options.samples.feeds(start, end) };
  const { names } = judgedOutputs(dense);
  const expected = await withSession(dense, options, (session) =>
    allOutputsOf(session, names, { samples, batch: rows }),
  );
  return withSession(sparse, options, async (session) => {
    const error = new RelativeError();
    let index = 0;
    for await (const outputs of outputsOf(session, names, { samples, batch: rows })) {
      error.add(expected[index] ?? outputs, outputs);
      index += 1;
    }
    return error.value;
  });
}

async function withSession<T>(
  model: Model,
  { backend, session: options }: FinishedOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await backend.open({ bytes: encodeModel(model) }, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
