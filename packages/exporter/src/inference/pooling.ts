/** Poolings: the spatial axes shrink by windows, to one, or to the size that is asked for. */
import { constantInts, formatShape, intAttribute, intsAttribute, type Rule, shapeOf, unknownOfRank } from './rule.js';
import { slidOver, windowsOf } from './window.js';

/** MaxPool (values and their positions), AveragePool, LpPool. */
export const pool: Rule = (context) => {
  const x = shapeOf(context, 0);
  const kernel = intsAttribute(context, 'kernel_shape');
  if (x === null || kernel === undefined) return [];
  if (kernel.length !== x.length - 2) context.fail(`a kernel of [${kernel}] over ${formatShape(x)}`);
  const shape = [...x.slice(0, 2), ...slidOver(context, x.slice(2), windowsOf(context, kernel))];
  return [{ shape }, { shape }];
};

export const globalPool: Rule = (context) => {
  const x = shapeOf(context, 0);
  return [{ shape: x === null ? null : [...x.slice(0, 2), ...x.slice(2).map(() => 1)] }];
};

/** One pooled part of fixed size a region. */
export const maxRoiPool: Rule = (context) => {
  const channels = shapeOf(context, 0)?.[1] ?? null;
  const regions = shapeOf(context, 1)?.[0] ?? null;
  return [{ shape: [regions, channels, ...(intsAttribute(context, 'pooled_shape') ?? [null, null])] }];
};

export const roiAlign: Rule = (context) => {
  const channels = shapeOf(context, 0)?.[1] ?? null;
  const regions = shapeOf(context, 1)?.[0] ?? null;
  return [
    { shape: [regions, channels, intAttribute(context, 'output_height', 1), intAttribute(context, 'output_width', 1)] },
  ];
};

/** The shape MaxPool came from, unless another is given. */
export const maxUnpool: Rule = (context) => {
  const x = shapeOf(context, 0);
  if (context.inputs[2] !== undefined) return [{ shape: constantInts(context, 2) ?? unknownOfRank(x?.length) }];
  const kernel = intsAttribute(context, 'kernel_shape');
  if (x === null || kernel === undefined) return [{ shape: null }];
  const { strides, pads } = windowsOf(context, kernel);
  const spatial = x.slice(2).map((extent, axis) => {
    if (typeof extent !== 'number') return null;
    return (extent - 1) * strides[axis] - pads[axis] - pads[kernel.length + axis] + kernel[axis];
  });
  return [{ shape: [...x.slice(0, 2), ...spatial] }];
};
