/** Images with a class each, as MNIST and its relatives have them. */
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';

export interface LabelledImages {
  /** Pixels divided by 255, float32 `[count, 784]`, in 0 to 1. */
  readonly images: Tensor<'float32'>;
  /** Classes, int64 `[count]`. */
  readonly labels: Tensor<'int64'>;
}

/** Scales pixels to 0..1 and flattens each image. */
export function labelledImages(images: Tensor, labels: Tensor, count = images.shape[0]): LabelledImages {
  const total = images.shape[0];
  if (total !== labels.shape[0]) throw badInput(`${total} images, but ${labels.shape[0]} labels`);
  if (count < 1 || count > total) throw badInput(`${count} images asked for, the data holds ${total}`);
  const pixels = images.shape.slice(1).reduce((product, extent) => product * extent, 1);
  const source = images.data as Uint8Array;
  const scaled = new Float32Array(count * pixels);
  for (let index = 0; index < scaled.length; index += 1) scaled[index] = source[index] / 255;
  const classes = BigInt64Array.from({ length: count }, (_, index) => BigInt((labels.data as Uint8Array)[index]));
  return {
    images: { dtype: 'float32', shape: [count, pixels], data: scaled },
    labels: { dtype: 'int64', shape: [count], data: classes },
  };
}
