/** Conv and its kin: [batch, channels, …spatial] in and out, weights [out, in / group, …kernel]. */
import type { Dim } from '../model/model.js';
import { elementsOf, formatShape, intAttribute, intsAttribute, mayEqual, type Rule, shapeOf } from './rule.js';
import { addDims, multiplyDims } from './symbolic-dim.js';
import { slidOver, windowsOf } from './window.js';

/** @param weight the input that holds the weights */
function convolution(weight: number): Rule {
  return (context) => {
    const x = shapeOf(context, 0);
    const w = shapeOf(context, weight);
    if (x === null) return [{ shape: w === null ? null : [null, w[0], ...w.slice(2).map(() => null)] }];
    if (x.length < 3) context.fail(`${formatShape(x)} has no spatial axes`);
    const kernel = intsAttribute(context, 'kernel_shape') ?? w?.slice(2) ?? x.slice(2).map(() => null);
    if (kernel.length !== x.length - 2) context.fail(`a kernel of ${formatShape(kernel)} over ${formatShape(x)}`);
    const group = intAttribute(context, 'group', 1);
    const channels = w === null ? null : multiplyDims(w[1], group);
    if (!mayEqual(x[1], channels)) {
      context.fail(
        `${formatShape(x)} with weights ${formatShape(w)} in ${group} groups: ${x[1]} channels, not ${channels}`,
      );
    }
    return [{ shape: [x[0], w?.[0] ?? null, ...slidOver(context, x.slice(2), windowsOf(context, kernel))] }];
  };
}

export const conv = convolution(1);
export const qLinearConv = convolution(3);

/** out = stride · (in − 1) + output_padding + dilation · (kernel − 1) + 1 − pads */
export const convTranspose: Rule = (context) => {
  const x = shapeOf(context, 0);
  const w = shapeOf(context, 1);
  if (x === null) return [{ shape: null }];
  const kernel = intsAttribute(context, 'kernel_shape') ?? w?.slice(2) ?? x.slice(2).map(() => null);
  if (x.length < 3 || kernel.length !== x.length - 2)
    context.fail(`a kernel of ${formatShape(kernel)} over ${formatShape(x)}`);
  const { strides, dilations, pads, autoPad } = windowsOf(context, kernel);
  const given = intsAttribute(context, 'output_shape');
  const extra = intsAttribute(context, 'output_padding') ?? kernel.map(() => 0);
  const spatial = x.slice(2).map((extent, axis): Dim => {
    if (given !== undefined) return given.slice(-kernel.length)[axis];
    if (autoPad.startsWith('SAME')) return multiplyDims(extent, strides[axis]);
    const size = kernel[axis];
    if (typeof size !== 'number') return null;
    const padding = autoPad === 'VALID' ? 0 : pads[axis] + pads[kernel.length + axis];
    const moved = multiplyDims(addDims(extent, -1), strides[axis]);
    return addDims(moved, extra[axis] + dilations[axis] * (size - 1) + 1 - padding);
  });
  const channels = multiplyDims(w?.[1] ?? null, intAttribute(context, 'group', 1));
  return [{ shape: [x[0], w === null ? null : channels, ...spatial] }];
};

/** Columns of blocks to an image: [batch, channels · block, blocks] → [batch, channels, …image]. */
export const col2Im: Rule = (context) => {
  const x = shapeOf(context, 0);
  const image = elementsOf(context, 1);
  const block = elementsOf(context, 2);
  if (image === undefined) return [{ shape: null }];
  const size = block?.reduce<Dim>(multiplyDims, 1) ?? null;
  const columns = x?.[1] ?? null;
  const channels = typeof columns === 'number' && typeof size === 'number' && size > 0 ? columns / size : null;
  return [{ shape: [x?.[0] ?? null, channels, ...image] }];
};

/** Causal: as long as the input; the state has kernel − 1 steps. */
export const causalConv: Rule = (context) => {
  const x = shapeOf(context, 0);
  const kernel = shapeOf(context, 1)?.at(-1) ?? null;
  return [{ shape: x }, { shape: x === null ? null : [...x.slice(0, -1), addDims(kernel, -1)] }];
};
