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
