/** Operators by name, for tests whose rows are names. */
import { makeValue, type OperatorSchema, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';

const BY_NAME: ReadonlyMap<string, OperatorSchema> = new Map(Object.entries(schemas));

export function apply(
  name: string,
  operands: Parameters<typeof makeValue>[1],
  attributes: Parameters<typeof makeValue>[2] = {},
): Value {
  const schema = BY_NAME.get(name);
  if (schema === undefined) throw new Error(`no operator ${name}`);
  return makeValue(schema, operands, attributes);
}
