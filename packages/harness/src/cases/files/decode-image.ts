/** PNG and JPEG files as pixels, whatever their depth, palette or colour model. */
import { readFileSync } from 'node:fs';
import { badInput } from '@rheobase/exporter/errors';
import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 grayscale, 2 with alpha, 3 RGB, 4 with alpha; interleaved, row by row. */
  readonly channels: number;
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** The value of full brightness: 255, 65535, or less for fewer bits. */
  readonly white: number;
}

/** Larger images are refused before they are unpacked: 100 million pixels are none that a model takes. */
const MOST_MEGAPIXELS = 100;

/** @throws RheobaseError `bad-input` that names the file, where it is damaged, of another kind, or too large. */
export function readImage(path: string): Pixels {
  try {
    const bytes = readFileSync(path);
    return bytes[0] === 0xff ? jpegPixels(bytes) : pngPixels(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(`is no PNG or JPEG image, or a damaged one (${reason})`, { where: path, cause: error });
  }
}

function jpegPixels(bytes: Uint8Array): Pixels {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_MEGAPIXELS,
  });
  return { width, height, data, channels: 4, white: 255 };
}

function pngPixels(bytes: Uint8Array): Pixels {
  checkPngSize(bytes);
  const png = decodePng(bytes);
  const { width, height, depth } = png;
  if (png.palette !== undefined) {
    const channels = png.palette[0]?.length ?? 3;
    return { width, height, channels, data: convertIndexedToRgb(png), white: 255 };
  }
  const samples = depth < 8 ? unpackSamples(png.data, width * png.channels, height, depth) : png.data;
  return { width, height, channels: png.channels, data: samples, white: 2 ** depth - 1 };
}

/** Width and height are the first fields after the signature and the head of the IHDR chunk (PNG specification, 11.2.2). */
function checkPngSize(bytes: Uint8Array): void {
  if (bytes.length < 24) throw new Error('cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > MOST_MEGAPIXELS * 1e6) throw new Error(`${width}×${height} pixels`);
}

/** Samples of fewer than 8 bits are packed into bytes, the first in the high bits; each row starts a byte. */
function unpackSamples(packed: ArrayLike<number>, perRow: number, rows: number, depth: number): Uint8Array {
  const samples = new Uint8Array(perRow * rows);
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  if (packed.length === samples.length) return Uint8Array.from(packed);
  for (let i = 0; i < samples.length; i += 1) {
    const bit = (i % perRow) * depth;
    const byte = packed[Math.floor(i / perRow) * bytesPerRow + (bit >> 3)] ?? 0;
    samples[i] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  }
  return samples;
}
