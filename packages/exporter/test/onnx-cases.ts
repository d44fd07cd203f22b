/**
 * The ONNX project's own models: its node tests with their inputs, and three real architectures. They lie where
 * RHEOBASE_ONNX_TESTS points; without it there are none, and the tests that use them are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeTensor } from '../src/codec/decode.js';
import { tensorOf } from '../src/model/initializer.js';
import type { Model } from '../src/model/model.js';
import { sizeOf, type Tensor } from '../src/tensor/index.js';

export interface OnnxCase {
  /** `test_add`, `light_vgg19`. */
  readonly name: string;
  readonly path: string;
}

const folder = process.env.RHEOBASE_ONNX_TESTS;

export const NODE_CASES: readonly OnnxCase[] = folder === undefined ? [] : nodeCases(join(folder, 'node'));
export const LIGHT_CASES: readonly OnnxCase[] = folder === undefined ? [] : lightCases(join(folder, 'light'));
export const ONNX_CASES: readonly OnnxCase[] = [...NODE_CASES, ...LIGHT_CASES];

function nodeCases(root: string): OnnxCase[] {
  return readdirSync(root)
    .map((name) => ({ name, path: join(root, name, 'model.onnx') }))
    .filter(({ path }) => existsSync(path));
}

function lightCases(root: string): OnnxCase[] {
  return readdirSync(root)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => ({ name: basename(name, '.onnx'), path: join(root, name) }));
}

/**
 * Feeds of a case by input name: those it comes with, or, for a real architecture, a fixed pattern. Null where an
 * input is a sequence or an optional, which ONNX Runtime's JavaScript API cannot feed.
 */
export function feedsOf({ path }: OnnxCase, { graph }: Model): Record<string, Tensor> | null {
  if (graph.inputs.some(({ type }) => type.kind !== 'tensor')) return null;
  const set = join(path, '..', 'test_data_set_0');
  const given = new Set(graph.initializers.map(({ name }) => name));
  const inputs = existsSync(set) ? graph.inputs : graph.inputs.filter(({ name }) => !given.has(name));
  const feeds = inputs.flatMap(({ name, type }, index): [string, Tensor][] => {
    if (!existsSync(set)) return [[name, pattern(type.kind === 'tensor' ? (type.shape ?? []) : [])]];
    const file = join(set, `input_${index}.pb`);
    return existsSync(file) ? [[name, tensorOf(decodeTensor(readFileSync(file)))]] : [];
  });
  return Object.fromEntries(feeds);
}

function pattern(dims: readonly (number | string | null)[]): Tensor {
  const shape = dims.map((dim) => (typeof dim === 'number' ? dim : 1));
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index));
  return { dtype: 'float32', shape, data };
}
