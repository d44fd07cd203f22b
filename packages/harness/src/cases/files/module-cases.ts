/**
 * Cases made by a program: a module whose default export yields them. It is a list of cases, or a function of the model
 * that answers with one, as a generator or asynchronously too; a case is `{ name?, feeds }`, or its feeds alone, and a
 * value is a tensor or anything that `tensorFromValues` takes.
 *
 *     export default function* (model) {
 *       for (let t = 0; t < 10; t += 1) yield { name: `t${t}`, feeds: { x: [[Math.sin(t)]] } };
 *     }
 *
 * The function is called anew for every pass over a model and must give the same cases each time.
 */
import { type Model, modelInfo } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { importModule } from '@rheobase/exporter/node';
import type { Case, CaseSource } from '../case.js';
import { checkFeeds } from '../given-cases.js';
import { tensorFromValues } from './tensor-from-values.js';

/** @throws RheobaseError `bad-input` that names the module, where it cannot be imported or exports nothing that yields. */
export async function moduleCases(path: string): Promise<CaseSource> {
  const { default: made } = await importModule(path);
  if (typeof made !== 'function' && !isRepeatable(made)) {
    throw badInput('its default export yields no cases', {
      where: path,
      remedy: 'export default function* (model) { yield { name, feeds } }',
    });
  }
  return async function* (model) {
    try {
      yield* yielding(made, model);
    } catch (error) {
      if (error instanceof RheobaseError) throw error.within(path);
      const reason = error instanceof Error ? error.message : String(error);
      throw badInput(`fails: ${reason}`, { where: path, cause: error });
    }
  };
}

async function* yielding(made: unknown, model: Model): AsyncIterable<Case> {
  const yielded: unknown = typeof made === 'function' ? await made(model) : made;
  if (!isIterable(yielded)) throw badInput('its function answers with nothing that can be iterated over');
  let index = 0;
  for await (const one of yielded) {
    const next = caseFrom(one, index, model);
    checkFeeds(model, next);
    yield next;
    index += 1;
  }
}

type AnyIterable = Iterable<unknown> | AsyncIterable<unknown>;

function isIterable(value: unknown): value is AnyIterable {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** A generator that is already running can be gone through once only, and cases are asked for more than once. */
function isRepeatable(value: unknown): value is AnyIterable {
  return isIterable(value) && !('next' in value);
}

function caseFrom(one: unknown, index: number, model: Model): Case {
  if (!isRecord(one)) throw badInput(`case ${index} is no object`, { remedy: 'yield { name, feeds }' });
  const given = isRecord(one.feeds) ? one.feeds : one;
  const name = given === one || one.name === undefined ? `case${index}` : String(one.name);
  const { inputs } = modelInfo(model);
  const feeds = Object.entries(given).map(([key, value]) => {
    const input = inputs.find((candidate) => candidate.name === key);
    if (input === undefined) {
      throw badInput('the model has no such input', {
        where: `case ${name}: input ${key}`,
        remedy: `its inputs are ${inputs.map((candidate) => candidate.name).join(', ')}`,
      });
    }
    return [key, placedIn(`case ${name}: input ${key}`, () => tensorFromValues(value, input))] as const;
  });
  return { name, feeds: Object.fromEntries(feeds) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function placedIn<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(place) : error;
  }
}
