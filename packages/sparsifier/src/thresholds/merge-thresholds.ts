/**
 * Two thresholds in a row as one: what passes both exceeds the higher θ. Exact, NaN and infinities included: neither
 * threshold lets a NaN through, and +Inf exceeds every θ but +Inf.
 */
import { floatAttribute, type Match, pattern, type Rule, rule } from '@rheobase/exporter';
import { sizeOf, type Tensor } from '@rheobase/exporter/tensor';

const { any, constant, either, op } = pattern;

const x = any('x');
const zero = constant('zero');
const relu = op('Relu', [x]);
const single = op('ThresholdedRelu', [x], { as: 'lower' });
const canonical = either(
  op('Where', [op('Greater', [x, constant('theta')]), either(x, relu), zero]),
  op('Where', [op('Greater', [relu, constant('theta')]), either(relu, x), zero]),
);
const lower = either(single, canonical);

export const thresholdOnThreshold: Rule = rule({
  name: 'threshold-on-threshold',
  pattern: either(
    op('ThresholdedRelu', [lower], { as: 'upper' }),
    op('Where', [op('Greater', [lower, constant('upperTheta')]), lower, constant('upperZero')]),
  ),
  requires: 'a threshold at theta >= 0 on what a threshold lets through, both by >, silent neurons 0',
  ensures: 'one threshold at the higher theta',
  bound: 'bit-equal',
  opset: 10,
  when: (match) => {
    const { upper, below } = thetasOf(match);
    const zeros = ['zero', 'upperZero'].flatMap((name) => (match.has(name) ? [match.tensor(name)] : []));
    const strange = [upper, below, ...zeros].find(({ dtype }) => dtype !== 'float32' && dtype !== 'float64');
    if (strange !== undefined) return `it is about ${strange.dtype}`;
    if (!zeros.every((silent) => numbers(silent).every((element) => Object.is(element, 0)))) return 'silent is not +0';
    if (!numbers(upper).every((theta) => theta >= 0)) return 'the upper theta is below 0';
    const [wide, narrow] = sizeOf(upper.shape) > sizeOf(below.shape) ? [upper, below] : [below, upper];
    const isAlike = sizeOf(narrow.shape) === 1 || String(wide.shape) === String(narrow.shape);
    return isAlike || 'the thetas differ in shape';
  },
  replace: (match, build) => {
    const { upper, below } = thetasOf(match);
    const theta = higher(upper, below);
    const [first = 0] = numbers(theta);
    if (match.has('upper') && sizeOf(theta.shape) === 1) {
      return build.op('ThresholdedRelu', [match.value('x')], [{ name: 'alpha', kind: 'float', value: first }]);
    }
    const fires = build.op('Greater', [match.value('x'), build.constant(theta)]);
    return build.op('Where', [fires, match.value('x'), build.scalar(theta.dtype, 0)]);
  },
});

function thetasOf(match: Match): { readonly upper: Tensor; readonly below: Tensor } {
  const alpha = (name: string): Tensor => ({
    dtype: 'float32',
    shape: [],
    data: Float32Array.of(floatAttribute(match.node(name), 'alpha', 1)),
  });
  return {
    upper: match.has('upper') ? alpha('upper') : match.tensor('upperTheta'),
    below: match.has('lower') ? alpha('lower') : match.tensor('theta'),
  };
}

/** The larger of two θ, element by element; one of them may be a single number. */
function higher(a: Tensor, b: Tensor): Tensor {
  const [wide, narrow] = sizeOf(a.shape) >= sizeOf(b.shape) ? [a, b] : [b, a];
  const others = numbers(narrow);
  const data = numbers(wide).map((theta, index) => Math.max(theta, others[others.length === 1 ? 0 : index] ?? theta));
  return wide.dtype === 'float64'
    ? { dtype: 'float64', shape: wide.shape, data: Float64Array.from(data) }
    : { dtype: 'float32', shape: wide.shape, data: Float32Array.from(data) };
}

function numbers({ data }: Tensor): readonly number[] {
  return Array.from(data as Float32Array | Float64Array);
}
