/** The models that are run: one operator, one version of it, one element type, with the inputs to feed. */
import { OPERATOR_TYPES, operatorAt } from '../analysis/registry.js';
import { irVersionFor } from '../model/ir-version.js';
import type { Model } from '../model/model.js';
import { valueInfo } from '../model/plain.js';
import { allowedTypes } from '../operators/bind-types.js';
import { dtypeFromName } from '../operators/type-name.js';
import type { DType, Tensor } from '../tensor/index.js';
import { exampleSubgraphs } from './example-subgraphs.js';
import { parseExample } from './example-text.js';
import { exampleOf } from './examples.js';
import { PRINCIPAL_INPUT } from './principal-input.js';

export interface Probe {
  readonly opType: string;
  /** The opset that brought the version that is measured. */
  readonly since: number;
  /** The opset that the model imports. */
  readonly opset: number;
  /** The element type that is measured; null for operators to which it makes no difference. */
  readonly dtype: DType | null;
}

export interface ProbeModel {
  readonly model: Model;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

export interface ProbeSelection {
  /** Operator types of ai.onnx; default all that have an example. */
  readonly operators?: readonly string[];
  /** Opsets whose operator versions are measured; default 13 to 26. */
  readonly opsets?: readonly number[];
  /** Element types; default those of `DEFAULT_DTYPES`. */
  readonly dtypes?: readonly DType[];
}

/** The element types whose elements a caller can feed everywhere. */
export const DEFAULT_DTYPES: readonly DType[] = [
  ...(['float32', 'float16', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'] as const),
  ...(['int64', 'uint64', 'bool', 'string'] as const),
];
const DEFAULT_OPSETS = Array.from({ length: 14 }, (_, index) => 13 + index);

/**
 * Every combination to measure: operator × version in force at one of the opsets × element type it may have, each at the
 * first of the opsets that has the version.
 */
export function probesFor(selection: ProbeSelection): Probe[] {
  const { opsets = DEFAULT_OPSETS } = selection;
  return (selection.operators ?? OPERATOR_TYPES).flatMap((opType) => {
    const versions = new Map<number, number>();
    for (const opset of opsets) {
      const since = operatorAt(opType, opset)?.since;
      if (since !== undefined && !versions.has(since)) versions.set(since, opset);
    }
    return [...versions.values()].flatMap((opset) => probesAt(opType, opset, selection));
  });
}

/** The same operators at the opsets that `probesFor` leaves out because the operator has no new version there. */
export function laterProbes(operators: Iterable<string>, selection: ProbeSelection): Probe[] {
  const { opsets = DEFAULT_OPSETS } = selection;
  return Array.from(operators).flatMap((opType) => {
    const seen = new Set<number>();
    return opsets.flatMap((opset) => {
      const since = operatorAt(opType, opset)?.since;
      const isFirst = since !== undefined && !seen.has(since);
      if (since !== undefined) seen.add(since);
      return isFirst ? [] : probesAt(opType, opset, selection);
    });
  });
}

function probesAt(opType: string, opset: number, { dtypes = DEFAULT_DTYPES }: ProbeSelection): Probe[] {
  const since = operatorAt(opType, opset)?.since;
  if (since === undefined || exampleOf(opType, since) === undefined) return [];
  return measuredTypes(opType, opset, dtypes).map((dtype): Probe => ({ opType, since, opset, dtype }));
}

/**
 * The model of a probe. Its operator under test is the node of that type. `example` is the text of another example of
 * the operator, in the language of example-text.ts.
 * @throws RheobaseError `bad-input` where the text is no example.
 */
export function probeModel({ opType, since, opset, dtype }: Probe, example = exampleOf(opType, since)): ProbeModel {
  const type = dtype ?? 'float32';
  const { inputs, initializers, nodes, outputs, feeds } = parseExample(example ?? '', type, exampleSubgraphs(type));
  const model: Model = {
    irVersion: Math.min(irVersionFor(opset), NEWEST_IR),
    opsets: { '': opset },
    graph: {
      name: opType,
      docString: '',
      inputs,
      outputs: outputs.map((name) => valueInfo(name)),
      initializers,
      sparseInitializers: [],
      nodes,
      valueInfo: [],
      metadata: {},
    },
    functions: [],
    producerName: 'rheobase placement',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    metadata: {},
  };
  return { model, feeds };
}

/** The newest IR version that ONNX Runtime 1.30 opens. */
const NEWEST_IR = 13;

/** Element types that the schema allows where the example has `T`. */
function measuredTypes(opType: string, opset: number, dtypes: readonly DType[]): (DType | null)[] {
  const principal = PRINCIPAL_INPUT[opType];
  if (principal === null) return [null];
  const version = operatorAt(opType, opset);
  const parameter = version?.inputs[principal ?? 0] ?? version?.outputs[0];
  if (version === undefined || parameter === undefined) return [];
  const allowed = new Set(allowedTypes(version, parameter).map(elementType));
  return dtypes.filter((dtype) => allowed.has(dtype));
}

/** `float32` of `float32`, `seq(float32)` and `optional(seq(float32))`. */
function elementType(name: string): DType | undefined {
  return dtypeFromName(name.replace(/^(?:optional\(|seq\()*/, '').replace(/\)*$/, ''));
}
