/**
 * RNN, GRU and LSTM: X [steps, batch, features] (layout 1: [batch, steps, features]), R [directions, …, hidden] →
 * Y [steps, directions, batch, hidden], Y_h and Y_c [directions, batch, hidden], batch first in layout 1.
 */
import { intAttribute, type Rule, shapeOf, textAttribute } from './rule.js';

export const recurrent: Rule = (context) => {
  const x = shapeOf(context, 0);
  const hidden = intAttribute(context, 'hidden_size', undefined) ?? shapeOf(context, 2)?.[2] ?? null;
  const directions = textAttribute(context, 'direction', 'forward') === 'bidirectional' ? 2 : 1;
  const isBatchFirst = intAttribute(context, 'layout', 0) === 1;
  const [steps, batch] = isBatchFirst ? [x?.[1] ?? null, x?.[0] ?? null] : [x?.[0] ?? null, x?.[1] ?? null];
  const last = { shape: isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden] };
  const all = { shape: isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden] };
  return [all, last, last];
};
