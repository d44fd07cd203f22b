/** Schemas by operator type, for code that meets operators by name: checks, rewriting, measuring. */
import * as generated from '../generated/operators.js';
import { type OperatorSchema, type OperatorVersion, versionAt } from '../operators/schema.js';

const SCHEMAS: ReadonlyMap<string, OperatorSchema> = new Map(
  Object.values(generated).map((schema) => [schema.opType, schema]),
);

/** The newest opset of ai.onnx that the operator facts cover. */
export const NEWEST_OPSET = Math.max(
  ...Array.from(SCHEMAS.values(), ({ versions }) => versions[versions.length - 1].since),
);

/** Operator types of ai.onnx, alphabetically. */
export const OPERATOR_TYPES: readonly string[] = [...SCHEMAS.keys()].sort();

/** The schema of an ai.onnx operator, undefined where ONNX has none of that name. */
export function schemaOf(opType: string): OperatorSchema | undefined {
  return SCHEMAS.get(opType);
}

/** What an opset says of an ai.onnx operator, undefined where it does not have it (yet). */
export function operatorAt(opType: string, opset: number): OperatorVersion | undefined {
  const schema = SCHEMAS.get(opType);
  return schema && versionAt(schema, opset);
}
