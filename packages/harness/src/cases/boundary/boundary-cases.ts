/**
 * Cases at the thresholds of a model: every element that a threshold compares takes θ itself and the representable
 * numbers around it, where a difference in the last bit between two backends decides whether a neuron fires.
 */
import { type Model, nodeName } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { isFloat, sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import { floatElements } from '../../comparison/float-format.js';
import type { Case, Dims } from '../case.js';
import { type InputSpec, inputSpecs } from '../input-shapes.js';
import { seededCases } from '../seeded-cases.js';
import { tensorFromNumbers } from '../tensor-from-numbers.js';
import type { Numbers } from './constants.js';
import { type Dense, type Drive, findDrives, type OutOfReach } from './drives.js';
import { elementAt } from './inverse.js';
import { stepped } from './neighbours.js';

export interface BoundaryCasesOptions {
  readonly dims?: Dims;
  /** Seeds the inputs that are not driven. Default 0. */
  readonly seed?: number;
  /** Told which thresholds no input reaches, before the first case. */
  readonly onOutOfReach?: (thresholds: readonly OutOfReach[]) => void;
}

/** Representable numbers away from θ. */
const STEPS: readonly number[] = [0, 1, -1, 2, -2];

/** Neurons of a dense layer that are driven, spread evenly over it. */
const MOST_UNITS = 12;

/**
 * Yields cases `boundary/NODE/0`, `boundary/NODE/1`, …: of each threshold that an input reaches, as many as it takes
 * for every element to come by θ and its two neighbours on either side. Behind a dense layer one neuron a row is
 * driven. The other inputs are as in the first seeded case.
 * @throws RheobaseError `bad-input` for a model without thresholds, and where no input reaches any; as `inputSpecs`.
 */
export function* boundaryCases(model: Model, options: BoundaryCasesOptions = {}): Iterable<Case> {
  const specs = inputSpecs(model, options.dims);
  const { drives, outOfReach } = findDrives(model);
  const remedy = 'feed --values special, or values of your own with --inputs';
  if (drives.length + outOfReach.length === 0) throw badInput('the model has no threshold', { remedy });
  const [first] = outOfReach;
  if (drives.length === 0 && first !== undefined) {
    throw badInput(`no input reaches a threshold: ${first.why}`, { where: `node ${first.node}`, remedy });
  }
  if (outOfReach.length > 0) options.onOutOfReach?.(outOfReach);
  const [others] = seededCases(model, options);
  const taken = new Set<string>();
  for (const drive of drives) {
    const spec = specs.find(({ name }) => name === drive.input);
    if (spec === undefined || others === undefined || !isFloat(spec.dtype)) continue;
    const name = freeName(drive, taken);
    const thetas = typeof drive.theta === 'string' ? numbersOf(others.feeds[drive.theta]) : drive.theta;
    const tensors =
      drive.dense === null ? elementwise(drive, spec, thetas) : behindDense(drive, drive.dense, spec, thetas);
    let index = 0;
    for (const tensor of tensors) {
      yield { name: `boundary/${name}/${index}`, feeds: { ...others.feeds, [spec.name]: tensor } };
      index += 1;
    }
  }
}

function freeName({ threshold: { node } }: Drive, taken: Set<string>): string {
  const base = nodeName(node);
  let name = base;
  for (let copy = 2; taken.has(name); copy += 1) name = `${base} ${copy}`;
  taken.add(name);
  return name;
}

function numbersOf(tensor: Tensor | undefined): Numbers {
  return tensor === undefined || !isFloat(tensor.dtype)
    ? { shape: [], values: [0] }
    : { shape: tensor.shape, values: floatElements(tensor).numbers };
}

/** Every element takes every value, each case another one. */
function* elementwise(drive: Drive, { dtype, shape }: InputSpec, thetas: Numbers): Iterable<Tensor> {
  const candidates = (place: number): readonly number[] =>
    throughInverses(drive, elementAt(thetas, place, shape) ?? 0, place, shape).flatMap((x) =>
      STEPS.map((steps) => stepped(dtype, x, steps)),
    );
  const byPlace = Array.from({ length: sizeOf(shape) }, (_, place) => candidates(place));
  const count = Math.max(0, ...byPlace.map(({ length }) => length));
  for (let shift = 0; shift < count; shift += 1) {
    yield tensorFromNumbers(dtype, shape, (place) => {
      const values = byPlace[place] ?? [];
      return values[(place + shift) % values.length] ?? 0;
    });
  }
}

/** A row drives one neuron by one element, at one step from θ; as many cases as the rows take. */
function* behindDense(drive: Drive, dense: Dense, { dtype, shape }: InputSpec, thetas: Numbers): Iterable<Tensor> {
  const rows = sizeOf(shape.slice(0, -1));
  if (shape.at(-1) !== dense.inputs || rows === 0) return;
  const outputShape = [...shape.slice(0, -1), dense.units];
  const wanted = drivenUnits(dense.units).flatMap((unit) => {
    const input = strongestInput(dense, unit);
    const sums = throughInverses(drive, elementAt(thetas, unit, outputShape) ?? 0, unit, outputShape);
    const elements = sums.map((sum) => (sum - dense.bias(unit)) / dense.weight(input, unit)).filter(Number.isFinite);
    return elements.flatMap((x) => STEPS.map((steps) => ({ input, value: stepped(dtype, x, steps) })));
  });
  for (let start = 0; start < wanted.length; start += rows) {
    const batch = wanted.slice(start, start + rows);
    yield tensorFromNumbers(dtype, shape, (place) => {
      const row = batch[Math.floor(place / dense.inputs)];
      return row !== undefined && place % dense.inputs === row.input ? row.value : 0;
    });
  }
}

function drivenUnits(units: number): readonly number[] {
  const count = Math.min(units, MOST_UNITS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * units) / count));
}

/** Whose element needs to be changed least. */
function strongestInput(dense: Dense, unit: number): number {
  let strongest = 0;
  for (let input = 1; input < dense.inputs; input += 1) {
    if (Math.abs(dense.weight(input, unit)) > Math.abs(dense.weight(strongest, unit))) strongest = input;
  }
  return strongest;
}

function throughInverses(
  { inverses }: Drive,
  theta: number,
  place: number,
  shape: readonly number[],
): readonly number[] {
  return inverses.reduce<readonly number[]>(
    (values, inverse) => values.flatMap((value) => inverse.preimages(value, place, shape)),
    [theta],
  );
}
