/**
 * Which initializers of a model are its weights: float tensors that the output depends on by differentiable operators.
 * Running statistics, bounds and other constants that an exporter wrote down are none, though they are float tensors.
 */
import { badInput, type Initializer, type Model, sizeOf, type Value } from '@rheobase/exporter';
import { operationsBetween } from '../gradients/operations.js';
import { isDifferentiable, type Source } from '../graph/values.js';
import { isFloat } from './float32.js';

/** Inputs that settle how an operator works, by position: no weights. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  Pad: [2],
  Pow: [1],
  Resize: [1, 2, 3],
  Upsample: [1],
};

/** Operators whose operands are weights even where they are a single number: a layer with one unit. */
const WEIGHTED: ReadonlySet<string> = new Set([
  ...['BatchNormalization', 'Conv', 'ConvTranspose', 'GRU', 'Gemm', 'GroupNormalization', 'InstanceNormalization'],
  ...['LSTM', 'LayerNormalization', 'MatMul', 'PRelu', 'RMSNormalization', 'RNN'],
]);

/**
 * Float initializers that could be weights; which of them are is told by what they do. Those that only settle how
 * operators work stay constants, whose numbers shapes may depend on.
 */
export function candidates({ graph }: Model): readonly Initializer[] {
  const uses = graph.nodes.flatMap(({ opType, inputs }) =>
    inputs.map((name, at) => ({ name, isSetting: SETTINGS[opType]?.includes(at) === true })),
  );
  const settings = new Set(uses.filter(({ isSetting }) => isSetting).map(({ name }) => name));
  for (const { name, isSetting } of uses) if (!isSetting) settings.delete(name);
  return graph.initializers.filter(
    ({ name, dtype, shape }) => isFloat(dtype) && shape.length > 0 && sizeOf(shape) > 0 && !settings.has(name),
  );
}

/**
 * Of values that stand for initializers, those that are weights of `output`.
 * @throws RheobaseError `bad-input` where there are none.
 */
export function weightsAmong(values: ReadonlyMap<string, Value>, output: Value): string[] {
  const reached = sourcesReached(output, [...values.values()]);
  const weights = [...values].filter(([, { source }]) => reached.has(source)).map(([name]) => name);
  if (weights.length === 0) {
    throw badInput('the output depends on no float weights by differentiable operators', {
      remedy: 'train a model with float initializers (a quantized one is to be trained before it is quantized)',
    });
  }
  return weights;
}

/** Sources that a gradient of the output reaches, as weights are read. */
function sourcesReached(output: Value, values: readonly Value[]): ReadonlySet<Source> {
  const live = new Set<Source>([output.source]);
  const weights = new Set<Source>();
  for (const { producer, inputs, outputs, wanted } of operationsBetween(output, values).toReversed()) {
    if (!outputs.some((made) => made !== undefined && isDifferentiable(made.type) && live.has(made.source))) continue;
    const opType = producer.kind === 'call' ? producer.call.schema.opType : '';
    for (const [index, input] of inputs.entries()) {
      if (input === null || !wanted[index] || SETTINGS[opType]?.includes(index)) continue;
      live.add(input.source);
      if (isWeight(input, opType, outputs[0])) weights.add(input.source);
    }
  }
  return weights;
}

/** A single number is a weight of one unit, not a factor that an exporter wrote into a formula. */
function isWeight(input: Value, opType: string, output: Value | undefined): boolean {
  const size = (input.shape ?? []).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 2), 1);
  return size > 1 || WEIGHTED.has(opType) || (opType === 'Add' && output?.shape?.at(-1) === 1);
}
