/** Options of every command that feeds models: which inputs, how many cases, and where they come from. */
import { type CaseSource, fittedCases, givenCases, seededCases, specialCases } from '@rheobase/harness';
import { readCases } from '@rheobase/runtime/files';
import { parseDims } from './dims.js';
import { requirePositive } from './numbers.js';

export interface CaseArguments {
  inputs?: string;
  values: 'random' | 'special';
  cases: number;
  seed: number;
  dim?: string[];
}

/** For yargs’ `options`. */
export const CASE_OPTIONS = {
  inputs: {
    type: 'string',
    describe: 'npz, npy, ONNX .pb or a folder of them; several cases as case0/x, case1/x',
  },
  values: {
    choices: ['random', 'special'],
    default: 'random',
    describe: 'What to feed without --inputs: seeded random numbers, or NaN, ±Inf, ±0, denormals …',
  },
  cases: { type: 'number', default: 1, describe: 'How many random cases' },
  seed: { type: 'number', default: 0, describe: 'Seed of everything random' },
  dim: {
    type: 'string',
    array: true,
    describe: 'Extent of a symbolic dimension, e.g. batch=4; others are 1',
  },
} as const;

/** @throws RheobaseError `bad-input` for options that make no sense and files that cannot be read. */
export async function caseSource({ inputs, values, cases, seed, dim }: CaseArguments): Promise<CaseSource> {
  requirePositive('cases', cases);
  const dims = parseDims(dim);
  if (inputs !== undefined) {
    const given = await readCases(inputs);
    return (model) => givenCases(model, given(model));
  }
  if (values === 'special') return fittedCases(dims, (model, fitted) => specialCases(model, { dims: fitted }));
  return fittedCases(dims, (model, fitted) => seededCases(model, { seed, cases, dims: fitted }));
}
