/** Cases that the caller gives, checked against the model before any backend sees them. */
import { badInput, type Model, modelInfo, RheobaseError, type Shape } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';
import type { Case } from './case.js';

/**
 * Yields the given cases, each after its check.
 * @throws RheobaseError `bad-input` that names case and input, what was expected and what was got.
 */
export function* givenCases(model: Model, cases: Iterable<Case>): Iterable<Case> {
  for (const given of cases) {
    checkFeeds(model, given);
    yield given;
  }
}

/** @throws RheobaseError `bad-input` where the feeds of a case are not what the model takes. */
export function checkFeeds(model: Model, { name, feeds }: Case): void {
  try {
    checkNames(model, feeds);
    checkTypes(model, feeds);
    checkShapes(model, feeds);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(`case ${name}`) : error;
  }
}

function checkNames(model: Model, feeds: Feeds): void {
  const { inputs } = modelInfo(model);
  const missing = inputs.find((input) => !Object.hasOwn(feeds, input.name));
  if (missing !== undefined) {
    const expected = `${missing.dtype ?? missing.type.kind} ${shapeText(missing.shape)}`;
    throw badInput('no value is given', { where: `input ${missing.name}`, remedy: `give it as ${expected}` });
  }
  // An input that an initializer gives a default may be fed too.
  const known = model.graph.inputs.map((input) => input.name);
  const unknown = Object.keys(feeds).find((input) => !known.includes(input));
  if (unknown !== undefined) {
    throw badInput('the model has no such input', {
      where: `input ${unknown}`,
      remedy: known.length === 0 ? 'it takes none' : `its inputs are ${known.join(', ')}`,
    });
  }
}

function checkTypes(model: Model, feeds: Feeds): void {
  for (const { name, type } of model.graph.inputs) {
    const feed = feeds[name];
    if (feed === undefined || type.kind !== 'tensor') continue;
    if (feed.dtype !== type.dtype) {
      throw badInput(`takes ${type.dtype}, got ${feed.dtype}`, { where: `input ${name}` });
    }
  }
}

/** Ranks and extents; a symbolic dimension must have one extent throughout a case. */
function checkShapes(model: Model, feeds: Feeds): void {
  const extents = new Map<string, { readonly extent: number; readonly input: string }>();
  for (const { name, type } of model.graph.inputs) {
    const feed = feeds[name];
    if (feed === undefined || type.kind !== 'tensor' || type.shape === null) continue;
    const { shape } = type;
    const where = `input ${name}`;
    const fits =
      shape.length === feed.shape.length &&
      shape.every((dim, axis) => typeof dim !== 'number' || dim === feed.shape[axis]);
    if (!fits) throw badInput(`takes shape ${shapeText(shape)}, got [${feed.shape}]`, { where });
    for (const [axis, dim] of shape.entries()) {
      if (typeof dim !== 'string') continue;
      const extent = feed.shape[axis] ?? 0;
      const before = extents.get(dim);
      if (before === undefined) extents.set(dim, { extent, input: name });
      else if (before.extent !== extent) {
        throw badInput(`dimension ${dim} is ${extent} here and ${before.extent} in input ${before.input}`, { where });
      }
    }
  }
}

function shapeText(shape: Shape): string {
  return shape === null ? 'of any shape' : `[${shape.map((dim) => dim ?? '?')}]`;
}
