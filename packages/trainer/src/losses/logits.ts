/**
 * A network that ends in softmax or sigmoid is trained on what goes into it. The logarithm of a softmax loses all
 * digits where it is near 0; log-softmax of the logits does not.
 */
import type { Value } from '@rheobase/exporter';

/** The logits behind an output: the input of the operator that made it, if it is one of `squashing`, else itself. */
export function logitsOf(output: Value, squashing: readonly string[]): Value {
  const { source } = output;
  // An exporter may have named the output by an Identity.
  if (source.kind === 'output' && source.call.schema.opType === 'Identity') {
    const inner = logitsOf(source.call.inputs[0] ?? output, squashing);
    return inner === source.call.inputs[0] ? output : inner;
  }
  if (source.kind !== 'output' || !squashing.includes(source.call.schema.opType)) return output;
  return source.call.inputs[0] ?? output;
}
