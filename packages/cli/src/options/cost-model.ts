/** A cost model that `rheobase measure-crossover --json` wrote. */
import { readFile } from 'node:fs/promises';
import { badInput } from '@rheobase/exporter/errors';
import type { BackendId } from '@rheobase/runtime';
import { type CostModel, parseCrossover } from '@rheobase/sparsifier';

/** @throws RheobaseError `bad-input` where the file is none, or has nothing for this backend. */
export async function readCostModel(path: string, backend: BackendId): Promise<CostModel> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw badInput('cannot be read as JSON', { where: path, remedy: 'write one with measure-crossover --json', cause });
  }
  const crossovers = parseCrossover(json, path);
  const found = crossovers.find(({ model }) => model.backend === backend);
  if (found !== undefined) return found.model;
  throw badInput(
    `has no cost model of ${backend}, only of ${crossovers.map(({ model }) => model.backend).join(', ')}`,
    {
      where: path,
      remedy: `measure it: rheobase measure-crossover --backend ${backend} --json ${path}`,
    },
  );
}
