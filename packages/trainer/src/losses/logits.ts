/**
 * A network that ends in softmax or sigmoid is trained on what goes into it. The logarithm of a softmax loses all
 * digits where it is near 0; log-softmax of the logits does not.
 */
import type { Value } from '@rheobase/exporter';

/** Operators that hand on the numbers of their first input: exporters name and shape outputs by them. */
const PASSING: ReadonlySet<string> = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze']);

/**
 * The logits behind an output: the input of the operator that made it, if it is one of `squashing`, else the output
 * itself. Operators between that only shape `[batch, classes]` are looked through.
 */
export function logitsOf(output: Value, squashing: readonly string[]): Value {
  let at = output;
  while (at.source.kind === 'output') {
    const { schema, inputs } = at.source.call;
    const [inner] = inputs;
    if (inner === null || inner === undefined) break;
    if (squashing.includes(schema.opType) && isShapedLike(inner, output)) return inner;
    if (!PASSING.has(schema.opType)) break;
    at = inner;
  }
  return output;
}

/** Both `[batch, classes]`, or of one rank. */
function isShapedLike(inner: Value, output: Value): boolean {
  return inner.shape?.length === output.shape?.length && inner.shape?.at(-1) === output.shape?.at(-1);
}
