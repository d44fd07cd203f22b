/**
 * The models that are verified: twenty of the kinds that people put into browsers, 0.1 to 6 MB, half of them with
 * thresholds, which cost verification a pass of their own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  conv2d,
  dense,
  encodeModel,
  flatten,
  type Layer,
  maxPool2d,
  sequential,
  sparseActivation,
} from '@rheobase/exporter';

export interface BenchModel {
  readonly path: string;
  /** Extents of the one input `x`, float32. */
  readonly shape: readonly number[];
}

/** Writes `count` models into a folder; no two are the same. `size` where all should be of one size, 1 to 4. */
export function writeModels(folder: string, count: number, size?: number): readonly BenchModel[] {
  return Array.from({ length: count }, (_, index) => {
    const [layers, inputShape] = KINDS[index % KINDS.length](size ?? (Math.floor(index / KINDS.length) % 4) + 1);
    const path = join(folder, `model-${index}.onnx`);
    const named = { inputName: 'x', outputName: 'y' } as const;
    const model = sequential(layers).toModel({ inputShape, batch: 'batch', ...named, seed: index });
    writeFileSync(path, encodeModel(model));
    return { path, shape: [1, ...inputShape] };
  });
}

type Kind = (size: number) => readonly [layers: readonly Layer[], inputShape: readonly number[]];

const relu = { activation: 'relu' } as const;
const threshold = (): Layer => sparseActivation({ threshold: 0.2, activation: 'relu' });
const block = (filters: number): readonly Layer[] => [conv2d(filters, 3, { ...relu, padding: 'same' }), maxPool2d(2)];

const KINDS: readonly Kind[] = [
  (size) => [[dense(128 * size, relu), threshold(), dense(10, { activation: 'softmax' })], [784]],
  (size) => [
    [...block(4 * size), ...block(8), flatten(), dense(10)],
    [3, 32, 32],
  ],
  (size) => [[dense(256 * size, relu), dense(256 * size, relu), dense(100)], [1024]],
  (size) => [
    [...block(4 * size), flatten(), dense(64, relu), threshold(), dense(10)],
    [1, 28, 28],
  ],
  (size) => [Array.from({ length: 8 * size }, () => dense(64, { activation: 'tanh' })), [64]],
];
