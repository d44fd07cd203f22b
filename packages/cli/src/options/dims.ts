/** Extents of dimensions that a model leaves open, as options give them. */
import { badInput } from '@rheobase/exporter/errors';

/**
 * `--dim batch=4 --dim x[1]=8` as extents by name.
 * @throws RheobaseError `bad-input` for what is not `name=extent`.
 */
export function parseDims(values: readonly string[] | undefined): Readonly<Record<string, number>> {
  const dims: Record<string, number> = {};
  for (const value of (values ?? []).flatMap((text) => text.split(','))) {
    const match = /^(?<name>.+)=(?<extent>\d+)$/.exec(value.trim());
    if (match?.groups === undefined) {
      throw badInput(`${JSON.stringify(value)} is no dimension`, { where: '--dim', remedy: 'write it as batch=4' });
    }
    dims[match.groups.name] = Number(match.groups.extent);
  }
  return dims;
}

/**
 * `--sweep batch=1,2,7,64` as lists of extents by name, each extent once.
 * @throws RheobaseError `bad-input` for what is not `name=extent,extent,…`.
 */
export function parseSweeps(values: readonly string[] | undefined): Readonly<Record<string, readonly number[]>> {
  const sweeps: Record<string, readonly number[]> = {};
  for (const value of values ?? []) {
    const match = /^(?<name>.+)=(?<extents>\d+(?:,\d+)*)$/.exec(value.trim());
    if (match?.groups === undefined) {
      throw badInput(`${JSON.stringify(value)} is no sweep`, {
        where: '--sweep',
        remedy: 'write it as batch=1,2,7,64',
      });
    }
    const extents = match.groups.extents.split(',').map(Number);
    sweeps[match.groups.name] = [...new Set([...(sweeps[match.groups.name] ?? []), ...extents])];
  }
  return sweeps;
}
