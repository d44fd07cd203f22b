/**
 * A sighting made as small as it can be while it still shows the same. Where elements have nothing to do with each
 * other, one element is enough; elsewhere elements are set to 1, many at a time and then fewer, and stay 1 where the
 * difference remains (after Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
 */
import { encodeModel } from '@rheobase/exporter';
import { sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import { tensorFromNumbers } from '../cases/index.js';
import type { Contender, Outcome } from './contender.js';
import { elementInputs } from './element-inputs.js';
import { seenBetween } from './seen-in.js';
import type { SeenDifference, Sighting } from './sightings.js';
import { modelOf, type SweepModel } from './sweep-models.js';

export interface Pair {
  readonly reference: Contender;
  readonly backend: Contender;
}

export interface Shrunk {
  readonly sighting: Sighting;
  /** What the two sides gave for the smaller input. */
  readonly expected: Outcome;
  readonly actual: Outcome;
}

/** Runs that simplifying one sighting may take; a crash costs a process each. */
const BUDGET = { usual: 48, crash: 8 } as const;

/** Answers null where the sighting does not show a second time. */
export async function shrink(sighting: Sighting, pair: Pair): Promise<Shrunk | null> {
  const small = sighting.model.elementwise ? await oneElement(sighting, pair) : null;
  if (small !== null) return small;
  await load(sighting.model, pair);
  const whole = await again(sighting, pair);
  return whole === null ? null : await simplified(whole, pair);
}

/** The model on single elements, fed with those that the worst element of the output came from. */
async function oneElement(sighting: Sighting, pair: Pair): Promise<Shrunk | null> {
  const { difference, feeds } = sighting;
  const index = 'worst' in difference ? difference.worst?.index : undefined;
  if (index === undefined) return null;
  const source = sighting.model.source.replace(/(\w+)\[[\d,]*\](?!\{)/g, '$1[1]');
  const model = { ...sighting.model, source };
  await load(model, pair);
  return again({ ...sighting, model, feeds: elementInputs(feeds, index) }, pair);
}

async function simplified(whole: Shrunk, pair: Pair): Promise<Shrunk> {
  let best = whole;
  let left = whole.sighting.difference.kind === 'crash' ? BUDGET.crash : BUDGET.usual;
  for (const name of Object.keys(whole.sighting.feeds)) {
    const { dtype, shape } = whole.sighting.feeds[name];
    if (dtype !== whole.sighting.model.dtype || dtype === 'string') continue;
    const size = sizeOf(shape);
    for (let step = size; step >= 1; step = Math.floor(step / 2)) {
      for (let start = 0; start < size && left > 0; start += step) {
        const plain = withOnes(best.sighting.feeds, name, start, step);
        if (plain === null) continue;
        left -= 1;
        best = (await again({ ...best.sighting, feeds: plain }, pair)) ?? best;
      }
    }
  }
  return best;
}

/** The feeds with a stretch of one of them set to 1, null where it is already. */
function withOnes(feeds: Feeds, name: string, start: number, length: number): Feeds | null {
  const tensor = feeds[name];
  const one = tensorFromNumbers(tensor.dtype, [1], () => 1).data[0];
  const stretch = Array.from(tensor.data.slice(start, start + length) as ArrayLike<unknown>);
  if (stretch.every((element) => Object.is(element, one))) return null;
  const data = tensor.data.slice() as Float32Array;
  data.fill(one as number, start, start + length);
  return { ...feeds, [name]: { ...tensor, data } as Tensor };
}

async function load(model: SweepModel, { reference, backend }: Pair): Promise<void> {
  const bytes = encodeModel(modelOf(model).model);
  await Promise.all([...new Set([reference, backend])].map((contender) => contender.load(bytes)));
}

/** Runs both sides; null unless the same kind of difference shows. */
async function again(sighting: Sighting, { reference, backend }: Pair): Promise<Shrunk | null> {
  const expected = await reference.run(sighting.feeds);
  const actual = reference === backend ? expected : await backend.run(sighting.feeds);
  const difference = seenAgain(sighting, expected, actual);
  return difference === null ? null : { sighting: { ...sighting, difference }, expected, actual };
}

function seenAgain(sighting: Sighting, expected: Outcome, actual: Outcome): SeenDifference | null {
  const wanted = sighting.difference;
  const seen = seenBetween(sighting, actual, expected);
  return seen.find(({ kind, latitude }) => kind === wanted.kind && latitude?.name === wanted.latitude?.name) ?? null;
}
