/** Types of a node's outputs: the operator's rule for shapes, its schema for element types. */
import type { ValueType } from '../model/model.js';
import { bindTypes, resolveType } from '../operators/bind-types.js';
import { type OperatorVersion, parameterAt } from '../operators/schema.js';
import { typeFromName, typeName } from '../operators/type-name.js';
import type { InferredOutput, RuleContext } from './rule.js';
import { RULES } from './rules.js';

/**
 * The types of all outputs, `unknown` where nothing follows.
 * Fails (through `context.fail`) where the inputs fit neither the schema nor each other.
 */
export function inferOutputs(version: OperatorVersion, context: RuleContext): ValueType[] {
  const binding = bindTypes(
    version,
    context.inputs.map((input) => input && typeName(input.type)),
  );
  if (binding.problem !== undefined) context.fail(binding.problem);
  const inferred = RULES.get(context.opType)?.(context) ?? [];
  return Array.from({ length: context.outputCount }, (_, index) => {
    const parameter = parameterAt(version.outputs, index);
    const name = parameter && resolveType(version, parameter, binding);
    return outputType(inferred[index] ?? {}, name);
  });
}

function outputType({ type, dtype, shape = null }: InferredOutput, name: string | undefined): ValueType {
  if (type !== undefined) return type;
  const bySchema: ValueType = (name === undefined ? undefined : typeFromName(name)) ?? { kind: 'unknown' };
  if (dtype !== undefined) return { kind: 'tensor', dtype, shape };
  return bySchema.kind === 'tensor' ? { ...bySchema, shape } : bySchema;
}
