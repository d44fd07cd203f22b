/**
 * Attention and rotary embeddings as single operators (opset 23), by their definitions.
 * Source: Vaswani et al., Attention is all you need (2017); Su et al., RoFormer (2021); the functions in the ONNX
 * specification of both operators.
 */
import { constant, op, type Value } from '@rheobase/exporter';
import { add, mul } from '../../graph/arithmetic.js';
import { concat, expand, integers, reshape, shapeOf, slice } from '../../graph/operators.js';
import { scalarLike } from '../../graph/values.js';
import { byDefinition, type Differentiated, type GradientRule } from '../rule.js';

/** softmax(s·Q·Kᵀ + mask)·V, head by head. */
const attention: GradientRule = {
  define: (node) => {
    for (const [index, name] of [
      [4, 'past_key'],
      [5, 'past_value'],
      [6, 'nonpad_kv_seqlen'],
    ] as const) {
      if (node.optional(index) !== undefined)
        node.fail(`its ${name} has no gradient rule`, 'export it without a cache');
    }
    for (const name of ['left_window_size', 'right_window_size']) {
      if (node.int(name, -1) !== -1) node.fail(`${name} has no gradient rule`, 'give the window as a mask');
    }
    const isFlat = node.rankOf(0) === 3;
    const queries = node.int('q_num_heads', 0);
    const groups = node.int('kv_num_heads', 0);
    const q = headsOf(node, 0, queries);
    const heads = extent(node, q, 1);
    const kv = [1, 2].map((index) => repeated(node, headsOf(node, index, groups), heads));
    const width = extent(node, q, 3);
    const scale = node.call.attributes.has('scale') ? node.float('scale', 1) : 1 / Math.sqrt(width);
    const products = mul(op.matMul(q, op.transpose(kv[0], { perm: [0, 1, 3, 2] })), scale);
    const softcap = node.float('softcap', 0);
    const scores = softcap === 0 ? products : mul(op.tanh(mul(products, 1 / softcap)), softcap);
    const weights = op.softmax(masked(node, scores), { axis: -1 });
    const y = op.matMul(weights, kv[1]);
    const joined = () => reshape(op.transpose(y, { perm: [0, 2, 1, 3] }), [0, 0, heads * extent(node, kv[1], 3)]);
    return [isFlat ? joined() : y];
  },
};

/** `[batch, heads, length, width]`; a tensor of three axes has its heads side by side. */
function headsOf(node: Differentiated, index: number, heads: number): Value {
  const x = node.input(index);
  if (node.rankOf(index) === 4) return x;
  const [batch = null, length = null, width] = x.shape ?? [];
  if (heads === 0 || typeof width !== 'number') return node.fail(`the heads of its input ${index} are not known`);
  const apart = reshape(x, [0, 0, heads, width / heads], [batch, length, heads, width / heads]);
  return op.transpose(apart, { perm: [0, 2, 1, 3] });
}

/** Fewer heads of keys and values than of queries: each serves a group of those that follow each other. */
function repeated(node: Differentiated, x: Value, heads: number): Value {
  const own = extent(node, x, 1);
  if (own === heads) return x;
  const [batch = null, , length = null, width = null] = x.shape ?? [];
  const each = heads / own;
  const apart = op.unsqueeze(x, [2]);
  const spread = concat(new Array<Value>(each).fill(apart), 2, [batch, own, each, length, width]);
  const last = extent(node, x, 3);
  const rows = slice(shapeOf(x), { starts: [2], ends: [3] }, [1]);
  const first = slice(shapeOf(x), { starts: [0], ends: [1] }, [1]);
  return reshape(spread, concat([first, integers([heads]), rows, integers([last])], 0), [batch, heads, length, width]);
}

function masked(node: Differentiated, scores: Value): Value {
  const causal = node.int('is_causal', 0) === 0 ? scores : add(scores, causalBias(scores));
  const mask = node.optional(3);
  if (mask === undefined) return causal;
  if (mask.dtype !== 'bool') return op.add(causal, mask);
  return op.where(mask as Value<'bool'>, causal, scalarLike(scores, Number.NEGATIVE_INFINITY));
}

/** −∞ above the diagonal, 0 on and below it. */
function causalBias(scores: Value): Value {
  const square = slice(shapeOf(scores), { starts: [2], ends: [4] }, [2]);
  const all = expand(constant(Number.NEGATIVE_INFINITY, scores.dtype), square, scores.shape?.slice(2) ?? null);
  return op.trilu(all, constant(1n), { upper: true });
}

function extent(node: Differentiated, x: Value, axis: number): number {
  const dim = x.shape?.[axis];
  return typeof dim === 'number' ? dim : node.fail('its heads have no known extents');
}

/** Pairs of elements turned by an angle: (x₁cos − x₂sin, x₂cos + x₁sin). */
const rotary = byDefinition((node) => {
  const isFlat = node.rankOf(0) === 3;
  const x = isFlat ? headsOf(node, 0, node.int('num_heads', 0)) : node.input(0);
  const width = extent(node, x, 3);
  const turnedWidth = node.int('rotary_embedding_dim', 0) || width;
  const [turned, rest] =
    turnedWidth === width ? [x] : op.split(x, { axis: -1, split: [turnedWidth, width - turnedWidth], numOutputs: 2 });
  const [cosine, sine] = [1, 2].map((index) => {
    const cache = node.input(index);
    const positions = node.optional(3) as Value<'int64'> | undefined;
    return op.unsqueeze(positions === undefined ? cache : op.gather(cache, positions), [1]);
  });
  const isInterleaved = node.int('interleaved', 0) !== 0;
  const [first, second] = isInterleaved ? interleaved(turned) : op.split(turned, { axis: -1, numOutputs: 2 });
  const real = op.sub(op.mul(first, cosine), op.mul(second, sine));
  const imaginary = op.add(op.mul(first, sine), op.mul(second, cosine));
  const paired = isInterleaved
    ? reshape(
        concat(
          [real, imaginary].map((half) => op.unsqueeze(half, [-1])),
          -1,
        ),
        shapeOf(turned),
        turned.shape,
      )
    : concat([real, imaginary], -1);
  const whole = rest === undefined ? paired : concat([paired, rest], -1);
  if (!isFlat) return whole;
  return reshape(op.transpose(whole, { perm: [0, 2, 1, 3] }), [0, 0, extent(node, x, 1) * width], node.input(0).shape);
});

/** Even elements and odd ones. */
function interleaved(x: Value): Value[] {
  return [0, 1].map((start) => slice(x, { starts: [start], ends: [Number.MAX_SAFE_INTEGER], axes: [-1], steps: [2] }));
}

export const ATTENTION: Readonly<Record<string, GradientRule>> = { Attention: attention, RotaryEmbedding: rotary };
