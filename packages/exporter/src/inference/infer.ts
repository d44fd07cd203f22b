/** Types of a node's outputs: the operator's rule for shapes, its schema for element types. */
import type { ValueType } from '../model/model.js';
import { type Binding, bindTypes, resolveType } from '../operators/bind-types.js';
import { type OperatorVersion, parameterAt } from '../operators/schema.js';
import { typeFromName, typeName } from '../operators/type-name.js';
import { isBatchedScan } from './control-flow.js';
import { inferElements } from './elements.js';
import type { InferredOutput, KnownValue, RuleContext } from './rule.js';
import { RULES } from './rules.js';

/**
 * What is known of all outputs; the type is `unknown` where nothing follows.
 * Fails (through `context.fail`) where the inputs fit neither the schema nor each other.
 */
export function inferValues(version: OperatorVersion, context: RuleContext): KnownValue[] {
  const binding = bindTypes(
    version,
    context.inputs.map((input) => input && typeName(input.type)),
  );
  if (binding.problem !== undefined) context.fail(binding.problem);
  const rule = isBatchedScan(context, version.since) ? undefined : RULES.get(context.opType);
  const inferred = rule?.(context) ?? [];
  const valueAt = (index: number): KnownValue => {
    const output = inferred[index] ?? NOTHING_INFERRED;
    const type = sameAsInput(outputType(output, version, binding, index), context);
    return index === 0 ? knownValue(type, output.constant, context) : { type };
  };
  return context.outputCount === 1 ? [valueAt(0)] : Array.from({ length: context.outputCount }, (_, at) => valueAt(at));
}

const NOTHING_INFERRED: InferredOutput = {};

/** With what is known of the elements, which rules and later nodes look at for the first output alone. */
function knownValue(type: ValueType, constant: KnownValue['constant'], context: RuleContext): KnownValue {
  const isInteger = type.kind === 'tensor' && (type.dtype === 'int64' || type.dtype === 'int32');
  const elements = isInteger ? inferElements(context, type.shape) : undefined;
  if (constant === undefined) return elements === undefined ? { type } : { type, elements };
  return elements === undefined ? { type, constant } : { type, constant, elements };
}

/** The types alone. */
export function inferOutputs(version: OperatorVersion, context: RuleContext): ValueType[] {
  return inferValues(version, context).map(({ type }) => type);
}

/** The first input's own type object where the output has that type: graphs are full of such nodes. */
function sameAsInput(type: ValueType, { inputs }: RuleContext): ValueType {
  const first = inputs[0]?.type;
  if (type.kind !== 'tensor' || first?.kind !== 'tensor') return type;
  const isPlain = first.denotation === undefined && first.dimDenotations === undefined;
  return isPlain && first.dtype === type.dtype && first.shape === type.shape ? first : type;
}

function outputType(
  { type, dtype, shape = null }: InferredOutput,
  version: OperatorVersion,
  binding: Binding,
  index: number,
): ValueType {
  if (type !== undefined) return type;
  if (dtype !== undefined) return { kind: 'tensor', dtype, shape };
  const parameter = parameterAt(version.outputs, index);
  const name = parameter && resolveType(version, parameter, binding);
  const bySchema: ValueType = (name === undefined ? undefined : typeFromName(name)) ?? { kind: 'unknown' };
  return bySchema.kind === 'tensor' ? { ...bySchema, shape } : bySchema;
}
