/** Operators that work element by element: the output has the inputs' common shape. */
import { broadcastShapes } from './broadcast.js';
import { type Rule, shapeOf } from './rule.js';

/** One input, or one that counts: the output is shaped like the first input. */
export const likeFirst: Rule = (context) => [{ shape: shapeOf(context, 0) }];

/** All inputs broadcast together. */
export const broadcasting: Rule = (context) => [
  {
    shape: broadcastShapes(
      context,
      context.inputs.map((_, index) => shapeOf(context, index)),
    ),
  },
];

/** The second input broadcasts to the first, which alone shapes the output (PRelu). */
export const unidirectional: Rule = (context) => {
  broadcasting(context);
  return likeFirst(context);
};
