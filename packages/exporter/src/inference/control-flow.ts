/**
 * If, Loop, Scan, SequenceMap: what goes into their bodies and what comes out. The bodies are graph attributes, the
 * types of whose outputs are already inferred with the types that `bodyInputTypes` gives. The states of a Loop may
 * change their shape from round to round, so only their element type holds.
 */
import type { AttributeValue, Dim, Graph, ValueType } from '../model/model.js';
import { commonType } from './common-type.js';
import type { InferredOutput, KnownValue, Rule, RuleContext } from './rule.js';
import { intAttribute, intsAttribute } from './rule.js';

const UNKNOWN: ValueType = { kind: 'unknown' };
const COUNTER: ValueType = { kind: 'tensor', dtype: 'int64', shape: null };
const CONDITION: ValueType = { kind: 'tensor', dtype: 'bool', shape: null };

export interface BodyOwner {
  readonly opType: string;
  readonly inputs: readonly (KnownValue | undefined)[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** Scan began, at opset 8, with a batch axis and sequence lengths: another operator by the same name. */
export function isBatchedScan({ opType }: { readonly opType: string }, opset: number): boolean {
  return opType === 'Scan' && opset < 9;
}

/** Types of the inputs of a body, by position; none are known of a batched Scan. */
export function bodyInputTypes(owner: BodyOwner): ValueType[] {
  const types = owner.inputs.map((input) => input?.type ?? UNKNOWN);
  switch (owner.opType) {
    case 'Loop':
      return [COUNTER, CONDITION, ...types.slice(2).map(withoutShape)];
    case 'Scan': {
      const { states, inputAxes } = scanLayout(owner);
      return types.map((type, index) => (index < states ? type : withoutAxis(type, inputAxes[index - states] ?? 0)));
    }
    case 'SequenceMap':
      return types.map((type) => (type.kind === 'sequence' ? type.element : type));
    default:
      return [];
  }
}

export const ifThenElse: Rule = (context) => {
  const otherwise = bodyOutputs(context, 'else_branch');
  return bodyOutputs(context, 'then_branch').map((type, index) =>
    output(commonType(type, otherwise[index] ?? UNKNOWN)),
  );
};

/** A state is as it was at first, or as a round has left it. */
export const loop: Rule = (context) => {
  const { inputs } = context;
  const states = inputs.length - 2;
  const results = bodyOutputs(context, 'body').slice(1);
  return results.map((type, index) =>
    output(index < states ? commonType(inputs[index + 2]?.type ?? UNKNOWN, type) : withAxis(type, 0, null)),
  );
};

export const scan: Rule = (context) => {
  const { states, inputAxes, outputAxes } = scanLayout(context);
  const scanned = context.inputs[states]?.type;
  const axis = inputAxes[0] ?? 0;
  const steps = scanned?.kind === 'tensor' ? (scanned.shape?.at(axis) ?? null) : null;
  return bodyOutputs(context, 'body').map((type, index) =>
    output(index < states ? type : withAxis(type, outputAxes[index - states] ?? 0, steps)),
  );
};

export const sequenceMap: Rule = (context) =>
  bodyOutputs(context, 'body').map((element) =>
    output(element.kind === 'unknown' ? UNKNOWN : { kind: 'sequence', element: withoutShape(element) }),
  );

function scanLayout({ inputs, attributes }: BodyOwner) {
  const context = { attributes } as RuleContext;
  const scanned = intAttribute(context, 'num_scan_inputs', 0);
  return {
    states: inputs.length - scanned,
    inputAxes: intsAttribute(context, 'scan_input_axes') ?? [],
    outputAxes: intsAttribute(context, 'scan_output_axes') ?? [],
  };
}

function bodyOutputs({ attributes }: RuleContext, name: string): ValueType[] {
  const attribute = attributes.get(name);
  const graph: Graph | undefined = attribute?.kind === 'graph' ? attribute.value : undefined;
  return graph?.outputs.map(({ type }) => type) ?? [];
}

const output = (type: ValueType): InferredOutput => (type.kind === 'unknown' ? {} : { type });

function withoutShape(type: ValueType): ValueType {
  return type.kind === 'tensor' ? { ...type, shape: null } : type;
}

function withoutAxis(type: ValueType, axis: number): ValueType {
  if (type.kind !== 'tensor' || type.shape === null) return type;
  const at = axis < 0 ? axis + type.shape.length : axis;
  return { ...type, shape: type.shape.filter((_, index) => index !== at) };
}

function withAxis(type: ValueType, axis: number, extent: Dim): ValueType {
  if (type.kind !== 'tensor' || type.shape === null) return type;
  const rank = type.shape.length + 1;
  const at = axis < 0 ? axis + rank : axis;
  return { ...type, shape: [...type.shape.slice(0, at), extent, ...type.shape.slice(at)] };
}
