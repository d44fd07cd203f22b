/** ONNX's own loss operators, by their definitions: class scores `[batch, classes, …]` against class numbers `[batch, …]`. */
import { constant, op, type Value } from '@rheobase/exporter';
import { mul, neg } from '../../graph/arithmetic.js';
import { squeeze, unsqueeze } from '../../graph/operators.js';
import { scalarLike } from '../../graph/values.js';
import { byDefinition, type Differentiated, type GradientRule } from '../rule.js';

const negativeLogLikelihood = byDefinition((node) => reduced(node, node.input(0)));

const softmaxCrossEntropy: GradientRule = {
  define: (node) => {
    const logarithms = op.logSoftmax(node.input(0), { axis: 1 });
    return [reduced(node, logarithms), logarithms];
  },
};

/** −log p of the right class, weighted; classes that are ignored weigh nothing. */
function reduced(node: Differentiated, logarithms: Value): Value {
  const classes = node.input(1) as Value<'int32' | 'int64'>;
  const weights = node.optional(2);
  const ignored = node.call.attributes.has('ignore_index') ? node.int('ignore_index', -1) : undefined;
  const isIgnored = ignored === undefined ? undefined : op.equal(classes, constant(BigInt(ignored), classes.dtype));
  const safe = isIgnored === undefined ? classes : op.where(isIgnored, constant(0n, classes.dtype), classes);
  const chosen = op.gatherElements(logarithms, unsqueeze(safe, [1]) as Value<'int64'>, { axis: 1 });
  const losses = neg(squeeze(chosen, [1], classes.shape));
  const given = weights === undefined ? undefined : op.gather(weights, safe as Value<'int64'>);
  const weight =
    isIgnored === undefined ? given : op.where(isIgnored, scalarLike(losses, 0), given ?? scalarLike(losses, 1));
  const weighted = weight === undefined ? losses : mul(losses, weight);
  const reduction = node.text('reduction', 'mean');
  if (reduction === 'none') return weighted;
  const sum = op.reduceSum(weighted, { keepdims: false });
  if (reduction === 'sum') return sum;
  if (weight === undefined) return op.reduceMean(weighted, { keepdims: false });
  return op.div(sum, op.reduceSum(weight, { keepdims: false }));
}

export const LOSSES: Readonly<Record<string, GradientRule>> = {
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
