/** What can be known to be wrong before the first step: shapes, element types, class numbers, numbers that are none. */
import { badInput, type Network } from '@rheobase/exporter';
import type { Dataset } from '../data/index.js';
import type { Loss } from '../losses/index.js';
import { shapesOf } from '../step/network-shapes.js';
import { BatchBuffer } from './batches.js';

/** Examples looked at together. */
const PIECE = 1024;

/** @throws RheobaseError `bad-input` naming the first example that cannot be trained on. */
export function checkData(network: Network, loss: Loss, data: Dataset, what: string): void {
  const { inputShape, dtype } = network;
  if (data.x.dtype !== dtype || data.x.shape.join() !== inputShape.join()) {
    throw badInput(`its examples are ${data.x.dtype} [${data.x.shape}], the network takes ${dtype} [${inputShape}]`, {
      where: what,
    });
  }
  const { output } = shapesOf(network);
  const target = loss.target(output);
  const shape = target.shape?.slice(1) ?? data.y.shape;
  if (data.y.dtype !== target.dtype || data.y.shape.join() !== shape.join()) {
    throw badInput(`its targets are ${data.y.dtype} [${data.y.shape}], ${loss.name} takes ${target.dtype} [${shape}]`, {
      where: what,
    });
  }
  checkElements(data, loss.classes?.(output), what);
}

function checkElements(data: Dataset, classes: number | undefined, what: string): void {
  const buffer = new BatchBuffer(data, Math.min(PIECE, data.count));
  for (let first = 0; first < data.count; first += PIECE) {
    const indices = Uint32Array.from({ length: Math.min(PIECE, data.count - first) }, (_, at) => first + at);
    const { x, y } = buffer.fill(indices, [indices.length]);
    const wrong = (x.data as Float32Array).findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1) {
      const example = numberOf(data, first + Math.floor(wrong / (x.data.length / indices.length)));
      throw badInput(`holds ${x.data[wrong]}`, { where: `${what}: input of example ${example}` });
    }
    if (classes === undefined) continue;
    const labels = y.data as BigInt64Array;
    const outside = labels.findIndex((label) => label < 0n || label >= BigInt(classes));
    if (outside !== -1) {
      throw badInput(`is the class ${labels[outside]}, the network has the classes 0 to ${classes - 1}`, {
        where: `${what}: target of example ${numberOf(data, first + outside)}`,
      });
    }
  }
}

function numberOf(data: Dataset, example: number): number {
  return data.numberOf?.(example) ?? example;
}
