/**
 * The smallest part of a model that still diverges: the blamed node alone, fed with the baseline's values; else all that
 * leads to it; else the whole model. Each is tried on both sides before it is called a reduction.
 */
import { type Model, type Node, withOutputs } from '@rheobase/exporter';
import type { BackendId, Feeds } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { type Comparison, compareTensors } from '../comparison/index.js';
import { nodesBehind } from '../divergence/dependencies.js';
import { type Bundle, type BundleSide, extractNodes } from '../reduce/index.js';
import type { ComparisonRow, FirstDivergence } from '../report/verify-report.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';
import { describeEnvironment } from './environment.js';
import { onlyOutputs } from './flat-models.js';
import { ModelTolerances } from './model-tolerances.js';
import { inputsOf } from './node-inputs.js';
import { type DerivedRun, runOn } from './run-on.js';

export interface ReductionQuestion {
  readonly reference: Contender;
  readonly suspect: Contender;
  readonly flatten: (model: Model) => Model;
  readonly case: Case;
  readonly row: ComparisonRow;
}

/** Undefined where nothing smaller or equal diverges when it is run again. */
export async function reduceDivergence(
  context: ModelContext,
  question: ReductionQuestion,
): Promise<Bundle | undefined> {
  for await (const candidate of candidates(context, question)) {
    const bundle = await tryOut(context, question, candidate);
    if (bundle !== undefined) return bundle;
  }
  return undefined;
}

async function* candidates(context: ModelContext, question: ReductionQuestion): AsyncIterable<DerivedRun> {
  const { reference, flatten, row } = question;
  const { feeds } = question.case;
  const first = row.firstDivergence;
  if (first !== null) {
    const own = flatten((reference.subject ?? context.subject).model);
    const node = own.graph.nodes.find(({ outputs }) => outputs.includes(first.output));
    const values = node === undefined ? undefined : await inputsOf(context, { reference, flatten, feeds }, node);
    if (values !== undefined) {
      yield {
        derive: (model) => partOf(flatten(model), ({ outputs }) => outputs.includes(first.output), values),
        feeds: values,
      };
    }
    yield {
      derive: (model) => {
        const flat = flatten(model);
        const behind = nodesBehind(flat.graph, first.output);
        const nodes = new Set([...behind].map((index) => flat.graph.nodes[index]));
        return onlyOutputs(
          withOutputs(
            partOf(flat, (one) => nodes.has(one), feeds),
            [first.output],
          ),
          [first.output],
        );
      },
      feeds,
    };
  }
  yield { derive: (model) => model, feeds };
}

function partOf(model: Model, isWanted: (node: Node) => boolean, values: Feeds): Model {
  return extractNodes(model, model.graph.nodes.filter(isWanted), values).model;
}

async function tryOut(
  context: ModelContext,
  question: ReductionQuestion,
  candidate: DerivedRun,
): Promise<Bundle | undefined> {
  const { reference, suspect, row } = question;
  const feeds = needed(candidate, (suspect.subject ?? context.subject).model);
  const expected = await runOn(context, reference, { ...candidate, feeds });
  const actual = await runOn(context, suspect, { ...candidate, feeds });
  if (typeof expected === 'string' || typeof actual === 'string') return undefined;
  const model = candidate.derive(context.subject.model);
  const tolerances = new ModelTolerances(model, context.tolerance).learnShapes(feeds);
  const different = Object.entries(expected).flatMap(([output, e]): { output: string; found: Comparison }[] => {
    const a = actual[output];
    if (a === undefined) return [];
    const found = compareTensors(a, e, { tolerance: tolerances.of(output, e.dtype, pairOf(context, suspect.id)) });
    return found.verdict === 'diverge' ? [{ output, found }] : [];
  });
  const [worst] = different;
  if (worst === undefined) return undefined;
  return {
    title: titleOf(row, row.firstDivergence, worst.found, reference),
    reason: `${worst.output}: ${worst.found.reason ?? 'differs'}`,
    model,
    ...(reference.subject === undefined ? {} : { reference: candidate.derive(reference.subject.model) }),
    case: row.case,
    inputs: feeds,
    expected: sideOf(reference, expected),
    actual: sideOf(suspect, actual),
    firstDivergence: row.firstDivergence,
    tolerance: worst.found.tolerance,
    environment: describeEnvironment(),
  };
}

/** Only what the part still takes. */
function needed({ derive, feeds }: DerivedRun, model: Model): Feeds {
  const names = new Set(derive(model).graph.inputs.map(({ name }) => name));
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name)));
}

function sideOf({ backend, availability }: Contender, outputs: Feeds): BundleSide {
  const { runtimeVersion, implementation, device } = availability.available
    ? availability
    : { runtimeVersion: null, implementation: null, device: null };
  return { backend: backend.id, runtimeVersion, implementation, device, outputs, error: null };
}

function titleOf(
  { backend }: ComparisonRow,
  first: FirstDivergence | null,
  found: Comparison,
  { subject, backend: baseline }: Contender,
): string {
  const what = first === null ? 'the model' : first.opType;
  const than: BackendId = subject === undefined ? baseline.id : 'the reference model';
  const [worst] = found.worst;
  const example = worst === undefined ? '' : ` (${worst.actual} for ${worst.expected})`;
  return `${what} gives something else on ${backend} than ${subject === undefined ? `on ${than}` : `in ${than}`}${example}`;
}
