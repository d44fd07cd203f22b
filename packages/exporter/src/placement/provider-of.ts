/** Who runs a node on a backend, looked up in the table measured for the installed ONNX Runtime. */
import { operatorAt } from '../analysis/registry.js';
import { PLACEMENT } from '../generated/placement-1.30.js';
import type { Node, ValueType } from '../model/model.js';
import type { DType } from '../tensor/index.js';
import { PRINCIPAL_INPUT } from './principal-input.js';
import { lookUp, type Placement, type PlacementTable } from './table.js';

/** Version of ONNX Runtime that the shipped table was measured with. */
export const MEASURED_RUNTIME = PLACEMENT.runtimeVersion;

/** Backends that the shipped table has rows of. */
export const MEASURED_BACKENDS: readonly string[] = Object.keys(PLACEMENT.backends);

/**
 * Who runs an ai.onnx operator of an opset on an element type: that of its principal input, the first one for nearly
 * all; null where it is not known. Browsers that were not measured are taken to be as Chromium with the same provider,
 * since the runtime is the same.
 */
export function providerOf(
  backend: string,
  opType: string,
  opset: number,
  dtype: DType | null,
  table: PlacementTable = PLACEMENT,
): Placement {
  return lookUp(table, measuredAs(backend, table) ?? backend, opType, opset, dtype);
}

/** The measured backend that stands for another, undefined where none does. */
export function measuredAs(backend: string, table: PlacementTable = PLACEMENT): string | undefined {
  if (backend in table.backends) return backend;
  const [host, provider] = backend.split('/');
  const browser = `chromium/${provider}`;
  return host !== 'node' && browser in table.backends ? browser : undefined;
}

/** The element type that decides about a node's placement, null where it is not known or makes no difference. */
export function principalDType(
  { opType, inputs }: Node,
  typeOf: (name: string) => ValueType | undefined,
): DType | null {
  const index = PRINCIPAL_INPUT[opType];
  if (index === null) return null;
  const name = inputs[index ?? 0] ?? '';
  return name === '' ? null : elementDType(typeOf(name));
}

function elementDType(type: ValueType | undefined): DType | null {
  switch (type?.kind) {
    case 'tensor':
      return type.dtype;
    case 'sequence':
    case 'optional':
      return elementDType(type.element);
    default:
      return null;
  }
}

/** The newest opset before `opset` at which the backend's own provider runs the operator, undefined where there is none. */
export function nativeBefore(
  backend: string,
  opType: string,
  opset: number,
  dtype: DType | null,
  table: PlacementTable = PLACEMENT,
): number | undefined {
  const since = operatorAt(opType, opset)?.since;
  if (since === undefined) return undefined;
  return providerOf(backend, opType, since - 1, dtype, table) === 'native' ? since - 1 : undefined;
}
