/** What a training begins with: parameters as given or drawn, the optimizer's state of zeros, and masks as one vector. */
import { badInput, type Network, type Tensor } from '@rheobase/exporter';
import { packVector, parameterVector } from '../step/index.js';
import type { FitOptions } from './fit.js';
import type { State } from './training-session.js';

/** How many weights masks keep. */
export function keptBy(masks: NonNullable<FitOptions['masks']>): number {
  return Object.values(masks).reduce(
    (sum, { data }) => sum + data.reduce((kept, one) => kept + (one === 0 ? 0 : 1), 0),
    0,
  );
}

/** One vector of masks, ones where a parameter has none. */
export function maskOf(network: Network, masks: FitOptions['masks']): Tensor<'bool'> | undefined {
  if (masks === undefined) return undefined;
  const vector = parameterVector(network);
  const data = new Uint8Array(vector.size).fill(1);
  for (const { name, offset, size, shape } of vector.entries) {
    const mask = masks[name];
    if (mask === undefined) continue;
    if (mask.data.length !== size) throw badInput(`the mask of '${name}' is [${mask.shape}], the parameter [${shape}]`);
    data.set(
      mask.data.map((kept) => (kept === 0 ? 0 : 1)),
      offset,
    );
  }
  return { dtype: 'bool', shape: [vector.size], data };
}

/** Parameters as given or drawn, and slots of zeros. */
export function firstState(network: Network, { optimizer, initial, recipe }: FitOptions, seed: number): State {
  const vector = parameterVector(network);
  const drawn = network.parameters.map((one) => [one.name, initial?.[one.name] ?? one.initial(seed)] as const);
  const packed = packVector(vector, Object.fromEntries(drawn));
  const broken = vector.entries.find(
    ({ offset, size }) => !packed.subarray(offset, offset + size).every(Number.isFinite),
  );
  if (broken !== undefined) {
    const at = packed.subarray(broken.offset, broken.offset + broken.size).findIndex((one) => !Number.isFinite(one));
    throw badInput(
      `parameter '${broken.name}' [${broken.shape}] begins with ${packed[broken.offset + at]} at element ${at}`,
      {
        ...(recipe === undefined ? {} : { where: recipe }),
        remedy: 'give finite weights to begin with',
      },
    );
  }
  const of = (data: Float32Array): Tensor<'float32'> => ({ dtype: 'float32', shape: [vector.size], data });
  return {
    parameters: of(packed),
    ...Object.fromEntries(optimizer.slots.map((slot) => [slot, of(new Float32Array(vector.size))])),
  };
}
