/**
 * Windows that move over the spatial axes, as convolutions and poolings have them: kernel, strides, dilations and pads
 * from the attributes, and the extents that come out.
 *
 *     out = floor((in + pads − dilation · (kernel − 1) − 1) / stride) + 1        (ceil where ceil_mode says so)
 *     SAME_UPPER, SAME_LOWER: out = ceil(in / stride)
 */
import type { Dim } from '../model/model.js';
import { intAttribute, intsAttribute, type RuleContext, textAttribute } from './rule.js';
import { addDims, divideDims } from './symbolic-dim.js';

export interface Windows {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begins, then ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
}

/** The attributes of windows over as many axes as `kernel` has. */
export function windowsOf(context: RuleContext, kernel: readonly Dim[]): Windows {
  const ones = new Array<number>(kernel.length).fill(1);
  const list = (name: string, byDefault: readonly number[]) => {
    const given = intsAttribute(context, name);
    if (given === undefined || given.length === 0) return byDefault;
    if (given.length !== byDefault.length) context.fail(`${name} [${given}] for ${kernel.length} spatial axes`);
    return given;
  };
  return {
    kernel,
    strides: list('strides', ones),
    dilations: list('dilations', ones),
    pads: list('pads', new Array<number>(2 * kernel.length).fill(0)),
    autoPad: textAttribute(context, 'auto_pad', 'NOTSET'),
  };
}

/** The spatial extents after windows have moved over them. */
export function slidOver(context: RuleContext, extents: readonly Dim[], windows: Windows): Dim[] {
  const rounding = intAttribute(context, 'ceil_mode', 0) === 0 ? 'floor' : 'ceil';
  return extents.map((extent, axis) => slideOne(context, extent, axis, windows, rounding));
}

function slideOne(
  context: RuleContext,
  extent: Dim,
  axis: number,
  { kernel, strides, dilations, pads, autoPad }: Windows,
  rounding: 'floor' | 'ceil',
): Dim {
  const [stride, dilation, size] = [strides[axis], dilations[axis], kernel[axis]];
  const ends = pads.length / 2 + axis;
  if (autoPad.startsWith('SAME')) {
    return typeof extent === 'number' ? Math.ceil(extent / stride) : stride === 1 ? extent : null;
  }
  if (typeof size !== 'number') return null;
  const padding = autoPad === 'VALID' ? 0 : pads[axis] + pads[ends];
  const room = addDims(extent, padding - dilation * (size - 1) - 1);
  if (typeof room !== 'number') {
    const steps = stride === 1 ? room : divideDims(room, stride);
    return addDims(steps, 1);
  }
  if (room < 0)
    context.fail(`a window of ${dilation * (size - 1) + 1} over an extent of ${extent} padded by ${padding}`);
  if (rounding === 'floor') return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  // A window must begin inside the data or the padding before it, not in the padding behind.
  return typeof extent === 'number' && (count - 1) * stride >= extent + (autoPad === 'VALID' ? 0 : pads[axis])
    ? count - 1
    : count;
}
