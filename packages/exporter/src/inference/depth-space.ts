/** DepthToSpace and SpaceToDepth: [batch, channels, height, width], blocks moved between channels and space. */
import { formatShape, intAttribute, type Rule, type RuleContext, shapeOf } from './rule.js';
import { divideDims, multiplyDims } from './symbolic-dim.js';

export const depthToSpace: Rule = (context) => {
  const [shape, block] = imageOf(context);
  if (shape === null) return [{ shape: [null, null, null, null] }];
  const [batch, channels, height, width] = shape;
  return [
    { shape: [batch, divideDims(channels, block * block), multiplyDims(height, block), multiplyDims(width, block)] },
  ];
};

export const spaceToDepth: Rule = (context) => {
  const [shape, block] = imageOf(context);
  if (shape === null) return [{ shape: [null, null, null, null] }];
  const [batch, channels, height, width] = shape;
  return [
    { shape: [batch, multiplyDims(channels, block * block), divideDims(height, block), divideDims(width, block)] },
  ];
};

function imageOf(context: RuleContext): [ReturnType<typeof shapeOf>, number] {
  const shape = shapeOf(context, 0);
  if (shape !== null && shape.length !== 4)
    context.fail(`${formatShape(shape)} is not [batch, channels, height, width]`);
  return [shape, intAttribute(context, 'blocksize', 1)];
}
