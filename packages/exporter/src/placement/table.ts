/**
 * A measured table in its compact form: for each operator and opset three sets of element types, those whose nodes the
 * backend's own provider ran, those that fell back to the CPU, and those that the runtime refused. A set is a bit mask
 * over `TensorProto.DataType` numbers, written in hexadecimal; bit 0 stands for operators to which the element type
 * makes no difference. `'6:402,800,0 22:2,0,0'` is a version since opset 6 and one since 22.
 *
 * What holds from an opset on holds until the operator's next version, or the next entry: an operator without a kernel
 * is expanded into others, which change with the opset although it does not itself.
 */
import { operatorAt } from '../analysis/registry.js';
import { type DType, dtypeFromOnnx, dtypeToOnnx } from '../tensor/index.js';

/** Who runs a node: the backend's own provider, the CPU's in its place, or nobody; or it was not measured. */
export type Placement = 'native' | 'cpu' | 'none' | 'unmeasured';

export interface PlacementTable {
  readonly runtimeVersion: string;
  /** By backend id, then by operator type. */
  readonly backends: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface MeasuredPlacement {
  readonly opType: string;
  /** The opset from which on it holds, at most until the operator's next version. */
  readonly from: number;
  /** Null: for any. */
  readonly dtype: DType | null;
  readonly placement: Exclude<Placement, 'unmeasured'>;
}

const ORDER = ['native', 'cpu', 'none'] as const;

/** Measured rows of one backend in the compact form. */
export function encodePlacements(rows: readonly MeasuredPlacement[]): Record<string, string> {
  const byOperator = new Map<string, Map<number, [number, number, number]>>();
  for (const { opType, from, dtype, placement } of rows) {
    const versions = byOperator.get(opType) ?? new Map<number, [number, number, number]>();
    byOperator.set(opType, versions);
    const masks = versions.get(from) ?? [0, 0, 0];
    versions.set(from, masks);
    masks[ORDER.indexOf(placement)] |= bitOf(dtype);
  }
  return Object.fromEntries(
    [...byOperator]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([opType, versions]) => [
        opType,
        [...versions]
          .sort(([a], [b]) => a - b)
          .map(([from, masks]) => `${from}:${masks.map((mask) => mask.toString(16)).join()}`)
          .join(' '),
      ]),
  );
}

/** The rows of one operator. */
export function decodePlacements(opType: string, text: string): MeasuredPlacement[] {
  return text.split(' ').flatMap((version) => {
    const [from, masks] = version.split(':');
    return masks.split(',').flatMap((mask, index) =>
      dtypesOf(Number.parseInt(mask, 16)).map((dtype) => {
        return { opType, from: Number(from), dtype, placement: ORDER[index] };
      }),
    );
  });
}

/**
 * Who runs an operator of an opset on an element type (null where the type is not known: then the answer is what holds
 * for every type measured).
 */
export function lookUp(
  table: PlacementTable,
  backend: string,
  opType: string,
  opset: number,
  dtype: DType | null,
): Placement {
  const text = table.backends[backend]?.[opType];
  const since = operatorAt(opType, opset)?.since;
  if (text === undefined || since === undefined) return 'unmeasured';
  const rows = decodePlacements(opType, text).filter(({ from }) => from >= since && from <= opset);
  const latest = new Map<DType | null, MeasuredPlacement>();
  for (const row of rows) if ((latest.get(row.dtype)?.from ?? 0) <= row.from) latest.set(row.dtype, row);
  const fitting = dtype === null ? [...latest.values()] : [latest.get(dtype) ?? latest.get(null)];
  const answers = new Set(fitting.map((row) => row?.placement ?? 'unmeasured'));
  const [answer] = answers;
  return answers.size === 1 ? answer : 'unmeasured';
}

function bitOf(dtype: DType | null): number {
  return dtype === null ? 1 : 1 << dtypeToOnnx(dtype);
}

function dtypesOf(mask: number): (DType | null)[] {
  return Array.from({ length: 31 }, (_, number) => number)
    .filter((number) => (mask >> number) & 1)
    .map((number) => (number === 0 ? null : (dtypeFromOnnx(number) ?? null)));
}
