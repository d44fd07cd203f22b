/**
 * Inputs in JSON. One case is
 *
 *     [[1, 2], [3, 4]]                      for a model with one input
 *     { "x": [[1, 2]], "ids": [7] }         by input name
 *
 * and several are a list of such objects, or an object of them by name: `{ "case0": { "x": … } }`. A value is nested
 * arrays, or `{ "dtype", "shape", "data" }` (see tensor-from-values).
 */
import { readFileSync } from 'node:fs';
import type { ValueSummary } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Feeds } from '@rheobase/runtime';
import type { InputFormat } from '@rheobase/runtime/files';
import type { Case } from '../case.js';
import { tensorFromValues } from './tensor-from-values.js';

export const jsonFormat: InputFormat = {
  tensor: (path, input) => tensorFromValues(parse(path), input),
  cases: function* (path, name, inputs) {
    yield* casesIn(path, name, parse(path), inputs);
  },
};

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* casesIn(path: string, name: string, content: unknown, inputs: readonly ValueSummary[]): Iterable<Case> {
  if (Array.isArray(content) && content.length > 0 && content.every(isObject)) {
    for (const [index, feeds] of content.entries()) yield oneCase(path, `case${index}`, feeds, inputs);
  } else if (isObject(content) && !('data' in content && !isInput('data', inputs))) {
    const keys = Object.keys(content);
    if (keys.length === 0)
      throw badInput('holds no input', { where: path, remedy: `its inputs are ${listed(inputs)}` });
    if (keys.some((key) => isInput(key, inputs))) {
      yield oneCase(path, name, content, inputs);
      return;
    }
    for (const [key, feeds] of Object.entries(content)) {
      if (!isObject(feeds)) throw noSuchInput(path, key, inputs);
      yield oneCase(path, key, feeds, inputs);
    }
  } else {
    const [input, ...others] = inputs;
    if (input === undefined || others.length > 0) {
      throw badInput(`holds one tensor, and the model takes ${inputs.length} (${listed(inputs)})`, {
        where: path,
        remedy: 'write an object with a key per input',
      });
    }
    yield oneCase(path, name, { [input.name]: content }, inputs);
  }
}

function oneCase(path: string, name: string, feeds: JsonObject, inputs: readonly ValueSummary[]): Case {
  const tensors = Object.entries(feeds).map(([key, value]) => {
    const input = inputs.find((candidate) => candidate.name === key);
    if (input === undefined) throw noSuchInput(path, key, inputs);
    try {
      return [key, tensorFromValues(value, input)] as const;
    } catch (error) {
      throw error instanceof RheobaseError ? error.within(`${path}: ${key}`) : error;
    }
  });
  return { name, feeds: Object.fromEntries(tensors) satisfies Feeds };
}

function isInput(key: string, inputs: readonly ValueSummary[]): boolean {
  return inputs.some(({ name }) => name === key);
}

function listed(inputs: readonly ValueSummary[]): string {
  return inputs.map(({ name }) => name).join(', ');
}

function noSuchInput(path: string, key: string, inputs: readonly ValueSummary[]): RheobaseError {
  return badInput('belongs to no input of the model', {
    where: `${path}: ${key}`,
    remedy: `its inputs are ${listed(inputs)}`,
  });
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(`is no JSON (${reason})`, { where: path, cause: error });
  }
}
