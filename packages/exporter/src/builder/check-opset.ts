/** Whether an opset has what a call uses: the operator, its inputs and attributes, the element types. */
import { RheobaseError } from '../errors.js';
import { bindTypes } from '../operators/bind-types.js';
import {
  newestVersion,
  type OperatorSchema,
  type OperatorVersion,
  parameterAt,
  versionAt,
} from '../operators/schema.js';
import { typeName } from '../operators/type-name.js';
import type { FittedCall } from './fit-opset.js';
import { type Call, placeOf } from './value.js';

/** @throws RheobaseError `unsupported` naming what the opset lacks and the opset that has it. */
export function checkOpset({ schema, site }: Call, { inputs, attributes }: FittedCall, opset: number): void {
  const version = versionAt(schema, opset);
  if (version?.deprecated !== true && version === newestVersion(schema)) return;
  const refusal = (problem: string, remedy?: string) => {
    const details = { ...placeOf(site), ...(remedy === undefined ? {} : { remedy }) };
    return new RheobaseError('unsupported', `${schema.opType}: ${problem}`, details);
  };
  if (version === undefined) {
    throw refusal(`opset ${opset} does not have it`, `build with opset ${schema.versions[0].since} or later`);
  }
  if (version.deprecated) throw refusal(`opset ${opset} has it no more (deprecated at ${version.since})`);
  const lacking = Array.from(attributes.keys()).find((name) => !hasAttribute(version, name));
  if (lacking !== undefined) {
    const having = schema.versions.find((other) => other.since > opset && hasAttribute(other, lacking));
    throw refusal(
      `attribute '${lacking}' is not in opset ${opset}`,
      having && `build with opset ${having.since} or later`,
    );
  }
  if (inputs.length > 0 && parameterAt(version.inputs, inputs.length - 1) === undefined) {
    const having = schema.versions.find(
      (other) => other.since > opset && parameterAt(other.inputs, inputs.length - 1) !== undefined,
    );
    throw refusal(
      `opset ${opset} takes ${version.inputs.length} inputs, not ${inputs.length}`,
      having && `build with opset ${having.since} or later`,
    );
  }
  const types = inputs.map((input) => (input === null ? undefined : typeName(input.type)));
  const { problem } = bindTypes(version, types);
  if (problem !== undefined) throw refusal(`at opset ${opset} ${problem}`, typeRemedy(schema, types));
}

function hasAttribute({ attributes }: OperatorVersion, name: string): boolean {
  return attributes.some((attribute) => attribute.name === name);
}

function typeRemedy({ versions }: OperatorSchema, types: readonly (string | undefined)[]): string | undefined {
  const having = versions.find((version) => bindTypes(version, types).problem === undefined);
  return having && `build with opset ${having.since} or later`;
}
