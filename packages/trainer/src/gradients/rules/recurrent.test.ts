import { input, makeNode, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { describe, expect, it } from 'vitest';
import { definitionError } from '../../../test/definition-check.js';
import { type GradientCase, gradientError } from '../../../test/gradient-check.js';
import { gradient } from '../gradient.js';

const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const SCHEMAS = { RNN: schemas.RNN, GRU: schemas.GRU, LSTM: schemas.LSTM };
const [STEPS, BATCH, FEATURES, HIDDEN] = [3, 2, 2, 2];

interface Form {
  readonly direction?: 'forward' | 'reverse' | 'bidirectional';
  readonly layout?: 0 | 1;
  readonly given?: readonly ('bias' | 'hidden' | 'cell' | 'peepholes')[];
  readonly output?: 0 | 1 | 2;
  readonly attributes?: Record<string, number | readonly string[]>;
}

function caseOf(name: keyof typeof GATES, form: Form): GradientCase {
  const { direction = 'forward', layout = 0, given = [], output = 0, attributes = {} } = form;
  const directions = direction === 'bidirectional' ? 2 : 1;
  const rows = GATES[name] * HIDDEN;
  const state = layout === 0 ? [directions, BATCH, HIDDEN] : [BATCH, directions, HIDDEN];
  const optional = { bias: [directions, 2 * rows], hidden: state, cell: state, peepholes: [directions, 3 * HIDDEN] };
  const positions = { bias: 3, hidden: 5, cell: 6, peepholes: 7 };
  const x = layout === 0 ? [STEPS, BATCH, FEATURES] : [BATCH, STEPS, FEATURES];
  const shapes = [x, [directions, rows, FEATURES], [directions, rows, HIDDEN], ...given.map((one) => optional[one])];
  const build = (...values: Value[]) => {
    const operands: (Value | undefined)[] = values.slice(0, 3);
    for (const [index, one] of given.entries()) operands[positions[one]] = values[3 + index];
    const all = Array.from(operands, (operand) => operand);
    const options = { hidden_size: HIDDEN, direction, ...(layout === 1 && { layout }), ...attributes };
    return makeNode(SCHEMAS[name], all, options, { outputs: name === 'LSTM' ? 3 : 2 })[output];
  };
  return { shapes, build };
}

describe.each<[keyof typeof GATES, Form]>([
  ['RNN', {}],
  ['RNN', { direction: 'bidirectional', given: ['bias', 'hidden'], attributes: { activations: ['Tanh', 'Sigmoid'] } }],
  ['GRU', { given: ['bias'], output: 1 }],
  ['GRU', { direction: 'reverse', given: ['bias', 'hidden'], attributes: { linear_before_reset: 1 } }],
  ['GRU', { direction: 'bidirectional', given: ['hidden'] }],
  ['LSTM', { given: ['bias'] }],
  ['LSTM', { direction: 'bidirectional', given: ['bias', 'hidden', 'cell'], output: 2 }],
  ['LSTM', { direction: 'reverse', given: ['bias', 'hidden', 'cell', 'peepholes'], output: 1 }],
])('%s %j', (name, form) => {
  it("is unrolled to ONNX Runtime's own, and differentiated", async () => {
    expect(await definitionError(caseOf(name, form))).toBeLessThan(1e-5);
    expect(await gradientError(caseOf(name, form))).toBeLessThan(1e-6);
  });
});

it('with the batch first, as a layout that ONNX Runtime does not run', async () => {
  expect(await gradientError(caseOf('LSTM', { layout: 1, given: ['bias', 'hidden', 'cell'] }))).toBeLessThan(1e-6);
});

it('a sequence of unknown length is an error that says so', () => {
  const { shapes, build } = caseOf('LSTM', {});
  const [x, ...weights] = [['steps', BATCH, FEATURES], ...shapes.slice(1)].map((shape, index) =>
    input(`x${index}`, 'float32', shape),
  );
  const loss = op.reduceSum(build(x, ...weights), { keepdims: false });
  expect(() => gradient(loss, weights)).toThrow(
    /LSTM: the length of its sequence is not known before running; path to the loss: LSTM → .*export the model with a fixed/,
  );
});
