/**
 * An image as a tensor in the shape that an input takes:
 *
 *     [N, C, H, W], [N, H, W, C], [C, H, W], [H, W, C]   C of 1, 3 or 4
 *     [N, H, W], [H, W]                                  grayscale
 *     [N, H·W·C], [H·W·C]                                pixels in rows, channels interleaved
 *
 * N is 1; an open extent takes the image's. Floats go from 0 (black) to 1 (full brightness), integers from 0 to 255. A
 * grayscale input gets luma (ITU-R BT.601) of a colour image, an RGB input a gray image three times; transparency is
 * dropped. Sizes must fit: an image is not scaled, because how would change the result.
 */
import type { Shape, ValueSummary } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { isFloat, type Tensor } from '@rheobase/exporter/tensor';
import type { InputFormat } from '@rheobase/runtime/files';
import { tensorFromNumbers } from '../tensor-from-numbers.js';
import { type Pixels, readImage } from './decode-image.js';

export const imageFormat: InputFormat = {
  tensor: (path, input) => imageTensor(readImage(path), input),
};

/** @throws RheobaseError `bad-input` where the image does not fit the input. */
export function imageTensor(image: Pixels, { dtype, shape }: Pick<ValueSummary, 'dtype' | 'shape'>): Tensor {
  const { width, height } = image;
  const layout = shape === null ? undefined : layoutsOf(shape).find((candidate) => fits(candidate, shape, image));
  if (layout === undefined) {
    throw badInput(`an image of ${width}×${height} pixels does not fit ${shapeText(shape)}`, {
      remedy: 'give one of the size that the model takes, or the values as .npy',
    });
  }
  const channels = channelsIn(layout, shape ?? [], image);
  const sample = sampler(image, channels);
  const scale = dtype !== null && isFloat(dtype) ? 1 / image.white : 255 / image.white;
  const round = dtype !== null && isFloat(dtype) ? (value: number) => value : Math.round;
  const extents = layout.axes.map((axis) => extentOf(axis, channels, image));
  const isPlanar = layout.axes.indexOf('C') >= 0 && layout.axes.indexOf('C') < layout.axes.indexOf('H');
  return tensorFromNumbers(dtype ?? 'float32', extents, (index) => {
    const pixel = isPlanar ? index % (width * height) : Math.floor(index / channels);
    const channel = isPlanar ? Math.floor(index / (width * height)) : index % channels;
    return round(sample(pixel, channel) * scale);
  });
}

/** `P` is all of an image in one axis. */
type Axis = 'N' | 'C' | 'H' | 'W' | 'P';

interface Layout {
  readonly axes: readonly Axis[];
}

const LAYOUTS: readonly Layout[] = ['NCHW', 'NHWC', 'CHW', 'HWC', 'NHW', 'HW', 'NP', 'P'].map((axes) => ({
  axes: [...axes] as Axis[],
}));

function layoutsOf(shape: NonNullable<Shape>): readonly Layout[] {
  return LAYOUTS.filter(({ axes }) => axes.length === shape.length);
}

const CHANNELS: readonly number[] = [1, 3, 4];

function fits({ axes }: Layout, shape: NonNullable<Shape>, { width, height }: Pixels): boolean {
  const pixels = width * height;
  const taken: Readonly<Record<Axis, (dim: number) => boolean>> = {
    N: (dim) => dim === 1,
    C: (dim) => CHANNELS.includes(dim),
    H: (dim) => dim === height,
    W: (dim) => dim === width,
    P: (dim) => CHANNELS.some((channels) => dim === pixels * channels),
  };
  return axes.every((axis, i) => {
    const dim = shape[i];
    // An open extent of three axes is rather an image's height than its number of channels.
    return typeof dim === 'number' ? taken[axis](dim) : axis !== 'C' || axes.length === 4;
  });
}

/** As many as the input has; where it leaves that open, grayscale for a gray image and RGB for any other. */
function channelsIn({ axes }: Layout, shape: NonNullable<Shape>, { width, height, channels }: Pixels): number {
  const own = channels < 3 ? 1 : 3;
  const inAxis = axes.includes('C') ? shape[axes.indexOf('C')] : undefined;
  if (axes.includes('C')) return typeof inAxis === 'number' ? inAxis : own;
  const all = axes.includes('P') ? shape[axes.indexOf('P')] : width * height;
  return typeof all === 'number' ? all / (width * height) : own;
}

function extentOf(axis: Axis, channels: number, { width, height }: Pixels): number {
  return { N: 1, C: channels, H: height, W: width, P: width * height * channels }[axis];
}

/** Reads a channel of a pixel of the image as one of `wanted` channels, between 0 and the image's white. */
function sampler({ data, channels, white }: Pixels, wanted: number): (pixel: number, channel: number) => number {
  const at = (pixel: number, channel: number): number => data[pixel * channels + channel] ?? 0;
  const isGray = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  return (pixel, channel) => {
    if (channel === 3) return hasAlpha ? at(pixel, channels - 1) : white;
    if (isGray) return at(pixel, 0);
    if (wanted > 1) return at(pixel, channel);
    return 0.299 * at(pixel, 0) + 0.587 * at(pixel, 1) + 0.114 * at(pixel, 2);
  };
}

function shapeText(shape: Shape): string {
  return shape === null ? 'an input of unknown rank' : `an input of shape [${shape.map((dim) => dim ?? '?')}]`;
}
