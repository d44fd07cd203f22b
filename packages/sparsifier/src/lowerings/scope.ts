/** What a rewrite knows of the graph it works in, and the questions that this package asks it. */
import { elementNumbers, type Node, type Scope } from '@rheobase/exporter';
import { isFloat } from '@rheobase/exporter/tensor';

export type { Scope } from '@rheobase/exporter';

export type KnownShape = readonly (number | string | null)[] | undefined;

/** The shape of a tensor value, undefined where not even its rank is known. */
export function shapeOf(scope: Scope, name: string): KnownShape {
  const type = scope.typeOf(name);
  return type?.kind === 'tensor' ? (type.shape ?? undefined) : undefined;
}

/** True where `reader` alone reads a value and the graph does not give it out. */
export function isReadOnlyBy(scope: Scope, name: string, reader: Node): boolean {
  return !scope.isOutput(name) && scope.readersOf(name).every((node) => node === reader);
}

/** True for float constants that are zero everywhere. */
export function isZero(scope: Scope, name: string): boolean {
  const tensor = scope.tensor(name);
  return (tensor && isFloat(tensor.dtype) && elementNumbers(tensor)?.every((number) => number === 0)) ?? false;
}
