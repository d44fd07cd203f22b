/**
 * Cases from whatever a path names: tensors in the layouts of `readCases` (.npz, .npy, .pb, folders of them), JSON,
 * images, or a module that yields them.
 */
import { extname } from 'node:path';
import { type InputFormats, readCases } from '@rheobase/runtime/files';
import type { CaseSource } from '../case.js';
import { givenCases } from '../given-cases.js';
import { imageFormat } from './image-input.js';
import { jsonFormat } from './json-inputs.js';
import { moduleCases } from './module-cases.js';

const FORMATS: InputFormats = {
  '.json': jsonFormat,
  '.png': imageFormat,
  '.jpg': imageFormat,
  '.jpeg': imageFormat,
};

const MODULE = /\.[cm]?[jt]s$/i;

/**
 * Finds the cases at a path; each is checked against the model when its turn comes.
 * @throws RheobaseError `bad-input` where nothing is there; the source throws it for what is damaged or does not fit.
 */
export async function fileCases(path: string): Promise<CaseSource> {
  if (MODULE.test(extname(path))) return moduleCases(path);
  const casesFor = await readCases(path, FORMATS);
  return (model) => givenCases(model, casesFor(model));
}
