/** Scattering writes elements into a tensor: what was overwritten has no gradient, what was written has that of its place. */
import { op, type Value } from '@rheobase/exporter';
import { masked, unless } from '../../graph/arithmetic.js';
import { filledLike, flat, gather, reshape, shapeOf } from '../../graph/operators.js';
import { type Differentiated, type GradientRule, rule } from '../rule.js';
import { reshapedTo } from './layout.js';

type Indices = Value<'int64'>;

/** What the two scatterings differ in. */
interface Scattering {
  read(node: Differentiated, from: Value, indices: Indices): Value;
  write(node: Differentiated, into: Value, indices: Indices, updates: Value): Value;
}

const elements: Scattering = {
  read: (node, from, indices) => op.gatherElements(from, indices, { axis: node.int('axis', 0) }),
  write: (node, into, indices, updates) => op.scatterElements(into, indices, updates, { axis: node.int('axis', 0) }),
};

const slices: Scattering = {
  read: (_, from, indices) => op.gatherND(from, indices),
  write: (_, into, indices, updates) => op.scatterND(into, indices, updates),
};

/** Where several updates go to one place by 'max' or 'min', each that equals the result takes the gradient. */
function scattering({ read, write }: Scattering): GradientRule {
  return rule((node, g) => {
    const [data, given, updates] = node.inputs;
    const indices = given as Indices;
    const reduction = node.text('reduction', 'none');
    if (reduction === 'mul') return node.fail("reduction 'mul' has no gradient rule", 'multiply by Gather and Mul');
    const there = () => read(node, g, indices);
    if (reduction === 'none') {
      const none = filledLike(updates, 0);
      return [
        node.wants(0) ? write(node, g, indices, none) : undefined,
        undefined,
        node.wants(2) ? there() : undefined,
      ];
    }
    if (reduction === 'add') return [g, undefined, node.wants(2) ? there() : undefined];
    const isKept = op.equal(data, node.output);
    const isWritten = op.equal(updates, read(node, node.output, indices));
    const wasThere = read(node, op.cast(isKept, g.dtype), indices);
    return [masked(isKept, g), undefined, unless(op.greater(wasThere, 0), masked(isWritten, there()))];
  });
}

/** Elements go back to where MaxPool took them from; positions count through the whole result. */
const unpooled = rule((node, g) => {
  const [x, indices] = node.inputs;
  return [reshapedTo(gather(flat(g), reshape(indices, shapeOf(x), x.shape)), x)];
});

export const SCATTERING: Readonly<Record<string, GradientRule>> = {
  MaxUnpool: unpooled,
  ScatterElements: scattering(elements),
  ScatterND: scattering(slices),
};
