/**
 * What ONNX says of an operator: its inputs, outputs, attributes and element types, in each version. The tables are
 * generated (src/generated/operators.ts); building, checking and inference read them through the functions here.
 */
import type { AttributeValue } from '../model/model.js';

export interface OperatorSchema {
  readonly opType: string;
  /** `''` is ai.onnx. */
  readonly domain: string;
  /** Oldest first. */
  readonly versions: readonly OperatorVersion[];
}

export interface OperatorVersion {
  /** The opset that brought this version. */
  readonly since: number;
  readonly deprecated?: true;
  readonly inputs: readonly FormalParameter[];
  /** Least number of inputs where the last one is variadic. */
  readonly minInputs?: number;
  readonly outputs: readonly FormalParameter[];
  readonly attributes: readonly AttributeSchema[];
  /** What each type variable may stand for, as type names (`float32`, `seq(int64)`). */
  readonly types: Readonly<Record<string, readonly string[]>>;
}

export interface FormalParameter {
  readonly name: string;
  /** A type variable (`T`) or a type name (`int64`). */
  readonly type: string;
  readonly optional?: true;
  /** Any number of values from here on. */
  readonly variadic?: true;
  /** Of a variadic parameter: its values may differ in type. */
  readonly heterogeneous?: true;
}

export interface AttributeSchema {
  readonly name: string;
  readonly kind: AttributeValue['kind'];
  readonly required?: true;
  readonly default?: number | string | readonly number[] | readonly string[];
}

/** The version of an operator that an opset has, undefined where the opset has none yet. */
export function versionAt({ versions }: OperatorSchema, opset: number): OperatorVersion | undefined {
  return versions.findLast(({ since }) => since <= opset);
}

/** The newest version: what a call is checked against until the model's opset is chosen. */
export function newestVersion({ versions }: OperatorSchema): OperatorVersion {
  return versions[versions.length - 1];
}

/** The parameter that input or output number `index` belongs to, undefined where there are not so many. */
export function parameterAt(parameters: readonly FormalParameter[], index: number): FormalParameter | undefined {
  const last = parameters.at(-1);
  return parameters[index] ?? (last?.variadic ? last : undefined);
}
