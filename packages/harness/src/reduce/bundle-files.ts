/** Bundles as folders, written and read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel, encodeModel, type Model, withWeightsInside } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { writeFileAtomic } from '@rheobase/exporter/node';
import { makeFolder, readTensors, type TensorFiles, writeTensors } from '../record/tensor-files.js';
import type { Bundle, BundleSide } from './bundle.js';
import { bundleReadme } from './bundle-readme.js';

const SCHEMA = 'rheobase/bundle@1';
const MODEL = 'model.onnx';
const REFERENCE = 'reference.onnx';
const DESCRIPTION = 'bundle.json';

type SideDescription = Omit<BundleSide, 'outputs'> & { readonly outputs: TensorFiles | null };

/** The content of `bundle.json`; paths are relative to the folder. */
interface Description extends Omit<Bundle, 'model' | 'reference' | 'inputs' | 'expected' | 'actual'> {
  readonly schema: typeof SCHEMA;
  readonly model: string;
  readonly reference: string | null;
  readonly inputs: TensorFiles;
  readonly expected: SideDescription;
  readonly actual: SideDescription;
}

/**
 * Writes a bundle into a folder, which is made where it is missing; what a bundle there held before is replaced.
 * @throws RheobaseError `bad-input` where the folder cannot be written, `failed` where weights cannot be had.
 */
export async function writeBundle(folder: string, bundle: Bundle): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomic(join(folder, MODEL), encodeModel(withWeightsInside(bundle.model)));
  if (bundle.reference !== undefined) {
    await writeFileAtomic(join(folder, REFERENCE), encodeModel(withWeightsInside(bundle.reference)));
  }
  const inputs = await writeTensors(folder, 'inputs', bundle.inputs);
  const description: Description = {
    schema: SCHEMA,
    title: bundle.title,
    reason: bundle.reason,
    case: bundle.case,
    firstDivergence: bundle.firstDivergence,
    tolerance: bundle.tolerance,
    environment: bundle.environment,
    model: MODEL,
    reference: bundle.reference === undefined ? null : REFERENCE,
    inputs,
    expected: await writeSide(folder, 'expected', bundle.expected),
    actual: await writeSide(folder, 'actual', bundle.actual),
  };
  await writeFileAtomic(join(folder, DESCRIPTION), `${JSON.stringify(description, null, 2)}\n`);
  await writeFileAtomic(join(folder, 'README.md'), bundleReadme(bundle, inputs));
}

/**
 * Reads a bundle back.
 * @throws RheobaseError `bad-input`, naming the file, where one is missing or damaged.
 */
export async function readBundle(folder: string): Promise<Bundle> {
  const {
    schema: _,
    model,
    reference,
    inputs,
    expected,
    actual,
    ...rest
  } = await readDescription(join(folder, DESCRIPTION));
  return {
    ...rest,
    model: await readModel(join(folder, model)),
    ...(reference === null ? {} : { reference: await readModel(join(folder, reference)) }),
    inputs: await readTensors(folder, inputs),
    expected: await readSide(folder, expected),
    actual: await readSide(folder, actual),
  };
}

function readModel(path: string): Promise<Model> {
  return within(path, async () => decodeModel(await readFile(path)));
}

async function writeSide(folder: string, stem: string, side: BundleSide): Promise<SideDescription> {
  return { ...side, outputs: side.outputs === null ? null : await writeTensors(folder, stem, side.outputs) };
}

async function readSide(folder: string, side: SideDescription): Promise<BundleSide> {
  return { ...side, outputs: side.outputs === null ? null : await readTensors(folder, side.outputs) };
}

async function readDescription(path: string): Promise<Description> {
  const content: unknown = await within(path, async () => JSON.parse(await readFile(path, 'utf8')));
  if (!isDescription(content))
    throw badInput(`is no ${SCHEMA}`, { where: path, remedy: 'give the folder of a bundle' });
  return content;
}

function isDescription(content: unknown): content is Description {
  return typeof content === 'object' && content !== null && 'schema' in content && content.schema === SCHEMA;
}

/** Whatever goes wrong with a file, told with its name. */
async function within<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RheobaseError) throw error.within(path);
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(`cannot be read (${reason})`, { where: path, cause: error });
  }
}
