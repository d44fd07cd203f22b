/**
 * RNN, GRU and LSTM, by their definitions, a step after the other: the sequence is unrolled, so its length must be
 * known. What the input contributes to the gates is one product for all steps.
 * Source: the ONNX specification of these operators; Hochreiter and Schmidhuber, Long short-term memory (1997);
 * Cho et al., Learning phrase representations using RNN encoder–decoder (2014).
 */
import { op, type Value } from '@rheobase/exporter';
import { add, mul, sub } from '../../graph/arithmetic.js';
import { concat, slice, split, squeeze } from '../../graph/operators.js';
import type { Differentiated, GradientRule } from '../rule.js';

/** What a step hands to the next, each `[1, batch, hidden]`; undefined is zero. */
interface State {
  readonly hidden: Value | undefined;
  readonly cell?: Value | undefined;
}

/** One direction of one node. */
interface Cell {
  readonly node: Differentiated;
  /** The input's part of the gates at one step, `[1, batch, gates · hidden]`, biases apart from `recurrentBias` included. */
  readonly recurrence: Value;
  readonly recurrentBias: Value | undefined;
  readonly activations: readonly ((x: Value) => Value)[];
  readonly peepholes: readonly Value[] | undefined;
}

type Step = (cell: Cell, gates: Value, state: State) => { hidden: Value; cell?: Value };

const ACTIVATIONS: Readonly<Record<string, (x: Value) => Value>> = {
  identity: (x) => x,
  relu: op.relu,
  sigmoid: op.sigmoid,
  softplus: op.softplus,
  softsign: op.softsign,
  tanh: op.tanh,
};

/** Steps are nodes: a longer sequence makes a graph too large to be worth it. */
const MAX_STEPS = 1024;

function recurrent(step: Step, gateCount: number, functions: readonly string[]): GradientRule {
  return {
    define: (node) => {
      const layout = node.int('layout', 0);
      const isReversed = node.text('direction', 'forward') === 'reverse';
      const directions = node.text('direction', 'forward') === 'bidirectional' ? 2 : 1;
      const turned = (x: Value) => (layout === 0 ? x : op.transpose(x, { perm: [1, 0, 2] }));
      const x = turned(node.input(0));
      const steps = stepsOf(node, x);
      const runs = Array.from({ length: directions }, (_, direction) => {
        const goesBack = isReversed || direction === 1;
        return runDirection(node, { x, steps, direction, goesBack, step, gateCount, functions, turned });
      });
      const last = (of: (run: Run) => Value) => turned(concat(runs.map(of), 0));
      const sequence = concat(
        runs.map((run) =>
          concat(
            run.outputs.map((h) => op.unsqueeze(h, [1])),
            0,
          ),
        ),
        1,
      );
      const y = layout === 0 ? sequence : op.transpose(sequence, { perm: [2, 0, 1, 3] });
      const cells = runs.map((run) => run.last.cell);
      const isLstm = cells.every((cell) => cell !== undefined);
      return [y, last((run) => run.last.hidden), ...(isLstm ? [last((run) => run.last.cell ?? run.last.hidden)] : [])];
    },
  };
}

interface Run {
  /** `[1, batch, hidden]` of every step, in the order of the sequence. */
  readonly outputs: readonly Value[];
  readonly last: { readonly hidden: Value; readonly cell?: Value };
}

interface Direction {
  readonly x: Value;
  readonly steps: number;
  readonly direction: number;
  readonly goesBack: boolean;
  readonly step: Step;
  readonly gateCount: number;
  readonly functions: readonly string[];
  readonly turned: (x: Value) => Value;
}

function runDirection(node: Differentiated, run: Direction): Run {
  const { x, steps, direction, goesBack, step, gateCount, functions, turned } = run;
  const own = (index: number) => {
    const value = node.optional(index);
    return (
      value &&
      squeeze(
        slice(value, { starts: [direction], ends: [direction + 1], axes: [0] }),
        [0],
        value.shape?.slice(1) ?? null,
      )
    );
  };
  const hidden = hiddenSize(node);
  const biases = own(3) && split(own(3) as Value, [gateCount * hidden, gateCount * hidden], 0, 2);
  const product = op.matMul(x, op.transpose(own(1) ?? node.input(1)));
  const gates = split(biases === undefined ? product : op.add(product, biases[0]), new Array(steps).fill(1), 0, steps);
  const peephole = own(7);
  const cell: Cell = {
    node,
    recurrence: op.transpose(own(2) ?? node.input(2)),
    recurrentBias: biases?.[1],
    activations: activationsOf(node, direction, functions),
    peepholes: peephole && split(peephole, [hidden, hidden, hidden], 0, 3),
  };
  const first = (index: number) => {
    const value = node.optional(index);
    return value && slice(turned(value), { starts: [direction], ends: [direction + 1], axes: [0] });
  };
  let state: State = { hidden: first(5), cell: first(6) };
  const outputs: Value[] = [];
  for (const gate of goesBack ? gates.toReversed() : gates) {
    const next = step(cell, gate, state);
    outputs.push(next.hidden);
    state = next;
  }
  return { outputs: goesBack ? outputs.toReversed() : outputs, last: state as Run['last'] };
}

function stepsOf(node: Differentiated, x: Value): number {
  const steps = x.shape?.[0];
  if (typeof steps !== 'number') {
    return node.fail('the length of its sequence is not known before running', 'export the model with a fixed length');
  }
  if (steps > MAX_STEPS) node.fail(`a sequence of ${steps} is unrolled, at most ${MAX_STEPS}`, 'train on shorter ones');
  if (node.optional(4) !== undefined)
    node.fail('sequence_lens has no gradient rule', 'pad the sequences and leave it out');
  if (node.call.attributes.has('clip')) node.fail('its clip has no gradient rule');
  if (node.int('input_forget', 0) !== 0) node.fail('input_forget has no gradient rule');
  return steps;
}

function hiddenSize(node: Differentiated): number {
  const hidden = node.input(2).shape?.[2];
  return typeof hidden === 'number' ? hidden : node.int('hidden_size', 0) || node.fail('its hidden size is not known');
}

function activationsOf(node: Differentiated, direction: number, byDefault: readonly string[]) {
  const names = node.texts('activations') ?? [];
  const own =
    names.length === 0 ? byDefault : names.slice(direction * byDefault.length, (direction + 1) * byDefault.length);
  return own.map((name) => ACTIVATIONS[name.toLowerCase()] ?? node.fail(`its activation ${name} has no gradient rule`));
}

/** The part of the gates that comes from the hidden state; nothing where that is zero. */
function fromHidden({ recurrence, recurrentBias }: Cell, hidden: Value | undefined): Value | undefined {
  const product = hidden && op.matMul(hidden, recurrence);
  return product && recurrentBias ? op.add(product, recurrentBias) : (product ?? recurrentBias);
}

function plus(a: Value, b: Value | undefined): Value {
  return b === undefined ? a : op.add(a, b);
}

function parts(gates: Value, count: number): Value[] {
  return op.split(gates, { axis: -1, numOutputs: count });
}

/** h′ = f(Wx + Rh + b). */
const rnnStep: Step = (cell, gates, { hidden }) => {
  const [f] = cell.activations;
  return { hidden: f(plus(gates, fromHidden(cell, hidden))) };
};

/** Gates i, o, f, c: c′ = f·c + i·g(…), h′ = o·h(c′); a peephole lets a gate see the cell. */
const lstmStep: Step = ({ activations: [f, g, h], ...cell }, gates, { hidden, cell: former }) => {
  const [i, o, forget, c] = parts(plus(gates, fromHidden({ ...cell, activations: [] }, hidden)), 4);
  const [pi, po, pf] = cell.peepholes ?? [];
  const peeped = (gate: Value, weight: Value | undefined, seen: Value | undefined) =>
    weight === undefined || seen === undefined ? gate : add(gate, mul(seen, weight));
  const written = mul(f(peeped(i, pi, former)), g(c));
  const next = former === undefined ? written : add(mul(f(peeped(forget, pf, former)), former), written);
  return { hidden: mul(f(peeped(o, po, next)), h(next)), cell: next };
};

/** Gates z, r, h: h′ = (1 − z)·g(…) + z·h, where r resets the hidden state before or after its product. */
const gruStep: Step = ({ node, activations: [f, g], recurrence, recurrentBias }, gates, { hidden }) => {
  const [z, r, own] = parts(gates, 3);
  const [rz, rr, rh] = op.split(recurrence, { axis: 1, numOutputs: 3 });
  const [bz, br, bh] = recurrentBias === undefined ? [] : op.split(recurrentBias, { axis: 0, numOutputs: 3 });
  const from = (state: Value | undefined, weights: Value, bias: Value | undefined) =>
    fromHidden({ node, recurrence: weights, recurrentBias: bias, activations: [], peepholes: undefined }, state);
  const update = f(plus(z, from(hidden, rz, bz)));
  const reset = f(plus(r, from(hidden, rr, br)));
  const inner =
    node.int('linear_before_reset', 0) === 0
      ? from(hidden && mul(reset, hidden), rh, bh)
      : gated(reset, from(hidden, rh, bh));
  const candidate = g(plus(own, inner));
  const kept = mul(sub(1, update), candidate);
  return { hidden: hidden === undefined ? kept : add(kept, mul(update, hidden)) };
};

function gated(gate: Value, value: Value | undefined): Value | undefined {
  return value && mul(gate, value);
}

export const RECURRENT: Readonly<Record<string, GradientRule>> = {
  GRU: recurrent(gruStep, 3, ['Sigmoid', 'Tanh']),
  LSTM: recurrent(lstmStep, 4, ['Sigmoid', 'Tanh', 'Tanh']),
  RNN: recurrent(rnnStep, 1, ['Tanh']),
};
