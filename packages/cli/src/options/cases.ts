/** Options of every command that feeds models: which inputs, how many cases, and where they come from. */
import type { Model } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import {
  boundaryCases,
  type Case,
  type CaseSource,
  type Dims,
  fileCases,
  fittedCases,
  type OutOfReach,
  printable,
  type Sweeps,
  seededCases,
  sharedDims,
  specialCases,
  sweptCases,
} from '@rheobase/harness';
import { parseDims, parseSweeps } from './dims.js';
import { parseDistributions, parseRanges } from './distributions.js';
import { requireCount, requireWhole } from './numbers.js';

export interface CaseArguments {
  inputs?: string;
  values: 'random' | 'special' | 'boundary';
  cases: number;
  seed: number;
  range?: string[];
  dist?: string[];
  dim?: string[];
  sweep?: string[];
}

/** For yargs’ `options`. */
export const CASE_OPTIONS = {
  inputs: {
    type: 'string',
    describe:
      'npz, npy, ONNX .pb, JSON, PNG or JPEG file, a folder of them, or a module that yields cases; several cases as case0/x, case1/x',
  },
  values: {
    choices: ['random', 'special', 'boundary'],
    default: 'random',
    describe:
      'What to feed without --inputs: seeded random numbers; NaN, ±Inf, ±0, denormals …; or values at each θ of the model and next to it',
  },
  cases: { type: 'number', default: 1, describe: 'How many random cases' },
  seed: { type: 'number', default: 0, describe: 'Seed of everything random' },
  range: {
    type: 'string',
    array: true,
    describe: 'Range of random values, of all float inputs (-3:3) or of one (x=-3:3); integers take both ends',
  },
  dist: {
    type: 'string',
    array: true,
    describe:
      'Distribution of random values: normal, x=normal:MEAN:DEVIATION, x=uniform:LOW:HIGH, x=loguniform:LOW:HIGH',
  },
  dim: {
    type: 'string',
    array: true,
    describe: 'Extent of a symbolic dimension, e.g. batch=4; others are 1',
  },
  sweep: {
    type: 'string',
    array: true,
    describe: 'Extents of a symbolic dimension to take in turn, e.g. batch=1,2,7,64; several sweeps are combined',
  },
} as const;

/**
 * `models`: how many models they are for; of several, each takes the extents of the dimensions that it has.
 * @throws RheobaseError `bad-input` for options that make no sense and files that cannot be read.
 */
export async function caseSource(args: CaseArguments, models = 1): Promise<CaseSource> {
  requireCount('cases', args.cases);
  requireWhole('seed', args.seed);
  const dims = parseDims(args.dim);
  const sweeps = parseSweeps(args.sweep);
  if (args.inputs !== undefined) {
    refuseBeside('--inputs', { '--range': args.range, '--dist': args.dist, '--sweep': args.sweep });
    return fileCases(args.inputs);
  }
  const draw = drawnBy(args);
  const casesOf = (own: Dims, swept: Sweeps): CaseSource =>
    sweptCases(swept, own, (extents) => fittedCases(extents, draw));
  return models === 1 ? casesOf(dims, sweeps) : sharedDims(dims, sweeps, models, casesOf);
}

type Draw = (model: Model, dims: Dims) => Iterable<Case>;

function drawnBy({ values, seed, cases, range, dist }: CaseArguments): Draw {
  if (values !== 'random') refuseBeside(`--values ${values}`, { '--range': range, '--dist': dist });
  switch (values) {
    case 'special':
      return (model, dims) => specialCases(model, { dims });
    case 'boundary': {
      const warned = new Set<string>();
      return (model, dims) =>
        boundaryCases(model, { dims, seed, onOutOfReach: (thresholds) => warnOnce(warned, thresholds) });
    }
    case 'random': {
      const [ranges, distributions] = [parseRanges(range), parseDistributions(dist)];
      const spread = {
        ...(ranges.all === undefined ? {} : { range: ranges.all }),
        ...(distributions.all === undefined ? {} : { distribution: distributions.all }),
        ranges: ranges.byName,
        inputs: distributions.byName,
      };
      return (model, dims) => seededCases(model, { seed, cases, dims, ...spread });
    }
  }
}

/** Cases are drawn for every pass over a model; what no input reaches is told once. */
function warnOnce(warned: Set<string>, thresholds: readonly OutOfReach[]): void {
  for (const { node, why } of thresholds) {
    const warning = printable(`node ${node}: no input reaches its threshold: ${why}`);
    if (!warned.has(warning)) process.stderr.write(`${warning}\n`);
    warned.add(warning);
  }
}

function refuseBeside(option: string, others: Readonly<Record<string, readonly string[] | undefined>>): void {
  const given = Object.keys(others).find((name) => others[name] !== undefined);
  if (given === undefined) return;
  throw badInput(`has no effect beside ${option}`, { where: given, remedy: `leave one of them out` });
}
