/** Opening a model with 1 GiB of external data against opening the same graph with tiny weights inside. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import { peakBytes, shortest } from './measure.mjs';
import { GIB, productChain } from './models.mjs';

const ROUNDS = 300;

export async function openFigures(folder) {
  const large = join(folder, 'large.onnx');
  const tiny = join(folder, 'tiny.onnx');
  // A file of holes: of a gibibyte that nobody reads, only the size counts.
  const weights = openSync(join(folder, 'large.data'), 'w');
  ftruncateSync(weights, GIB);
  closeSync(weights);
  const bytes = GIB / 64;
  await writeModelFile(
    large,
    productChain(2048, (index) => ({ kind: 'external', location: 'large.data', offset: index * bytes, length: bytes })),
  );
  await writeModelFile(
    tiny,
    productChain(1, () => ({ kind: 'inline', encoded: new Uint8Array(4), data: undefined })),
  );
  const times = await shortest(ROUNDS, {
    large: async () => void (await readModelFile(large)),
    tiny: async () => void (await readModelFile(tiny)),
  });
  const more = peakBytes('open', large) - peakBytes('open', tiny);
  return [
    {
      ...{ name: 'time to open a model with 1 GiB of external data, to the same with tiny weights', unit: '×' },
      ...{ value: times.large / times.tiny, limit: 2 },
    },
    { name: 'memory for it, more than for tiny weights', value: more / 2 ** 20, limit: 64, unit: 'MiB' },
  ];
}
