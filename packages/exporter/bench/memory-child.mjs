/** One task, alone in a process: `node memory-child.mjs TASK PATH` prints the bytes it took above the idle process. */
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import { peakResident } from './measure.mjs';
import { GIB, oneTensor } from './models.mjs';

const [task, path] = process.argv.slice(2);

/** A new array for each chunk, as a caller that reads or computes them would make. */
function* chunks() {
  const size = 4 * 2 ** 20;
  for (let done = 0; done < GIB; done += size) yield new Uint8Array(size).fill(done % 251);
}

const streamed = oneTensor({ kind: 'stream', byteLength: GIB, chunks });
const TASKS = {
  'write inside': () => writeModelFile(path, streamed),
  'write outside': () => writeModelFile(path, streamed, { externalData: {} }),
  open: () => readModelFile(path),
};

const idle = process.memoryUsage.rss();
const result = await TASKS[task]();
console.log(peakResident() - idle);
// The model is alive up to here.
if (result === undefined) throw new Error('no result');
