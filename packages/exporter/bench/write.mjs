/** Writing 1 GiB of weights against writing the same bytes with nothing around them. Neither forces them to the disk. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeModelFile } from '@rheobase/exporter/node';
import { peakBytes, shortest } from './measure.mjs';
import { GIB, oneTensor, productChain } from './models.mjs';

const ROUNDS = 7;
const CHUNK = new Uint8Array(2 ** 20).map((_, index) => index * 7);
const MATRIX = new Uint8Array(GIB / 64).map((_, index) => index * 7);

/** A gibibyte from one piece of memory again and again. */
function* repeated(piece) {
  for (let done = 0; done < GIB; done += piece.length) yield piece;
}

export async function writeFigures(folder) {
  const path = join(folder, 'model.onnx');
  const plainPath = join(folder, 'plain');
  const remove = (...paths) => {
    for (const one of paths) rmSync(one, { force: true });
  };
  const plain = (piece) => () => {
    const file = openSync(plainPath, 'w');
    for (const one of repeated(piece)) writeSync(file, one);
    closeSync(file);
    return () => remove(plainPath);
  };
  const ours = (model, options) => async () => {
    await writeModelFile(path, model, options);
    return () => remove(path, `${path}.data`);
  };
  const streamed = oneTensor({ kind: 'stream', byteLength: GIB, chunks: () => repeated(CHUNK) });
  const inMemory = productChain(2048, () => ({ kind: 'inline', encoded: MATRIX, data: undefined }));
  const figures = [];
  for (const [from, piece, model] of [
    ['a callback', CHUNK, streamed],
    ['memory', MATRIX, inMemory],
  ]) {
    const times = await shortest(ROUNDS, {
      plain: plain(piece),
      'into the model': ours(model),
      'beside it': ours(model, { externalData: {} }),
    });
    for (const where of ['into the model', 'beside it']) {
      figures.push({
        ...{ name: `time to write 1 GiB of weights from ${from} ${where}, to writing the bytes`, unit: '×' },
        ...{ value: times[where] / times.plain, limit: 1.3 },
      });
    }
  }
  for (const task of ['write inside', 'write outside']) {
    figures.push({
      ...{ name: `memory to ${task} the model 1 GiB from a callback, above the idle process`, unit: 'MiB' },
      ...{ value: peakBytes(task, path) / 2 ** 20, limit: 256 },
    });
    remove(path, `${path}.data`);
  }
  return figures;
}
