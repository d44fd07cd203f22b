/**
 * Inference against the runtime: every intermediate value of ONNX's own models is made an output, and what ONNX Runtime
 * reports is held against what was inferred. Element types and extents may be unknown to us, never different.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { feedsOf, LIGHT_CASES, NODE_CASES, type OnnxCase } from '../../test/onnx-cases.js';
import { OrtProcess } from '../../test/ort-process.js';
import { decodeModel } from '../codec/decode.js';
import { encodeModel } from '../codec/encode.js';
import { addDims, multiplyDims } from '../inference/symbolic-dim.js';
import type { Dim, Model, ValueType } from '../model/model.js';
import { producedValues, withOutputs } from '../model/queries.js';
import type { DType, Tensor } from '../tensor/index.js';
import { inferModelTypes } from './model-types.js';

const ort = new OrtProcess();
afterAll(() => ort.close());

interface Tally {
  values: number;
  typed: number;
  shaped: number;
  compared: number;
  contradictions: string[];
}

/** Infers without what the file says of intermediate values and outputs: only the inputs' types are given. */
function bare(model: Model): Model {
  const outputs = model.graph.outputs.map((info) => ({ ...info, type: { kind: 'unknown' } as const }));
  return { ...model, graph: { ...model.graph, valueInfo: [], outputs } };
}

/** @param how real architectures are just loaded, since the runtime infers their shapes itself; operators run. */
async function compare(cases: readonly OnnxCase[], how: 'load' | 'run'): Promise<Tally> {
  const tally: Tally = { values: 0, typed: 0, shaped: 0, compared: 0, contradictions: [] };
  for (const each of cases) {
    const model = decodeModel(readFileSync(each.path));
    const feeds = how === 'load' ? {} : feedsOf(each, model);
    const types = inferModelTypes(bare(model));
    const names = [...new Set(producedValues(model))];
    const inferred = new Map(names.map((name) => [name, types.typeOf(model.graph, name) ?? UNKNOWN]));
    tally.values += names.length;
    tally.typed += count(inferred, ({ kind }) => kind !== 'unknown');
    tally.shaped += count(inferred, isFullyShaped);
    if (feeds === null) continue;
    const probed = withOutputs(bare(model), names);
    const outcome = await ort.run(encodeModel(probed), how === 'load' ? null : feeds, { elements: false });
    if (outcome.kind !== 'outputs') continue;
    const bound = bindNames(model, feeds);
    for (const [name, tensor] of Object.entries(outcome.outputs)) {
      tally.compared += 1;
      const problem = contradiction(inferred.get(name) ?? UNKNOWN, tensor, bound);
      if (problem !== undefined) tally.contradictions.push(`${each.name}: '${name}' ${problem}`);
    }
  }
  return tally;
}

const UNKNOWN: ValueType = { kind: 'unknown' };

function count(types: ReadonlyMap<string, ValueType>, is: (type: ValueType) => boolean): number {
  return [...types.values()].filter(is).length;
}

function isFullyShaped(type: ValueType): boolean {
  return type.kind === 'tensor' && type.shape !== null && type.shape.every((dim) => dim !== null);
}

/** What the named dimensions of the inputs are in this run. */
function bindNames({ graph }: Model, feeds: Readonly<Record<string, Tensor>>): ReadonlyMap<string, number> {
  const bound = new Map<string, number>();
  for (const { name, type } of graph.inputs) {
    const fed = feeds[name]?.shape;
    if (type.kind !== 'tensor' || fed === undefined) continue;
    for (const [axis, dim] of (type.shape ?? []).entries()) if (typeof dim === 'string') bound.set(dim, fed[axis]);
  }
  return bound;
}

function contradiction(type: ValueType, actual: Tensor, bound: ReadonlyMap<string, number>): string | undefined {
  if (type.kind === 'unknown') return undefined;
  if (type.kind !== 'tensor') return `is ${type.kind}, the runtime gives a tensor`;
  if (type.dtype !== runtimeDType(actual)) return `is ${type.dtype}, the runtime gives ${actual.dtype}`;
  if (type.shape === null) return undefined;
  const differs =
    type.shape.length !== actual.shape.length || type.shape.some((dim, axis) => !fits(dim, actual.shape[axis], bound));
  return differs ? `is [${type.shape}], the runtime gives [${actual.shape}]` : undefined;
}

function runtimeDType({ dtype }: Tensor): DType {
  return dtype;
}

function fits(dim: Dim, extent: number, bound: ReadonlyMap<string, number>): boolean {
  if (typeof dim === 'number') return dim === extent || extent === -1;
  if (dim === null) return true;
  const value = dim.split(/(?=[+-])/).reduce<Dim>((sum, term) => {
    const product = term
      .replace(/^[+-]/, '')
      .split('*')
      .reduce<Dim>((size, factor) => multiplyDims(size, bound.get(factor) ?? Number(factor)), 1);
    return addDims(sum, multiplyDims(product, term.startsWith('-') ? -1 : 1));
  }, 0);
  return value === extent || Number.isNaN(value);
}

const report = (name: string, { values, typed, shaped, compared, contradictions }: Tally) =>
  console.info(
    `${name}: ${values} values, ${percent(typed, values)} with a type, ${percent(shaped, values)} with a full shape, ` +
      `${compared} compared, ${contradictions.length} contradictions`,
  );

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;

describe.skipIf(NODE_CASES.length === 0)('what is inferred is what the runtime computes', () => {
  it('of the real architectures, and at least 99 % of all shapes are known', async () => {
    const tally = await compare(LIGHT_CASES, 'load');
    report('light', tally);
    expect(tally.contradictions).toEqual([]);
    expect(tally.compared).toBeGreaterThan(500);
    expect(tally.shaped / tally.values).toBeGreaterThanOrEqual(0.99);
  }, 120_000);

  it('of every operator', async () => {
    const tally = await compare(NODE_CASES, 'run');
    report('node', tally);
    expect(tally.contradictions).toEqual([]);
    expect(tally.compared).toBeGreaterThan(700);
  }, 120_000);
});
