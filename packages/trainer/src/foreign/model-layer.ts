/**
 * A model as a layer: its weights are parameters, its graph the layer's function. So what trains a network trains a
 * model that any other tool has written.
 */
import {
  badInput,
  type Dim,
  type FloatDType,
  input,
  type Layer,
  type Model,
  modelInfo,
  op,
  type Tensor,
  tensorOf,
  type Value,
} from '@rheobase/exporter';
import { reshape } from '../graph/operators.js';
import { withShape } from '../graph/values.js';
import { isFloat, widened } from './float32.js';
import { gatesOf } from './gates.js';
import { importModel, type Scope } from './import-graph.js';
import { candidates, weightsAmong } from './parameters.js';

/** What a layer that is a graph of its own tells of its inside. */
export interface Inside {
  readonly output: Value<FloatDType>;
  /** Float values of the graph by name, in the order they are computed. */
  readonly values: Readonly<Record<string, Value>>;
  /** Names of values that silence neurons: outputs of ReLUs and thresholds. */
  readonly gates: readonly string[];
}

export interface ModelLayer extends Layer {
  readonly kind: 'model';
  readonly model: Model;
  inside(x: Value, parameters: Readonly<Record<string, Value>>): Inside;
}

const WHOLE: ReadonlySet<string> = new Set(['int64', 'int32', 'int16', 'int8', 'uint8']);

export function isModelLayer(layer: Layer): layer is ModelLayer {
  return layer.kind === 'model' && 'inside' in layer;
}

/**
 * The layer of a model with one input of numbers `[batch, …]`, whose first output it gives. Parameters are named as the
 * model's initializers.
 * @throws RheobaseError `bad-input` where the model has another number of inputs, or none that a batch goes into.
 */
export function modelLayer(model: Model, { name = 'model' }: { readonly name?: string } = {}): ModelLayer {
  const { inputs, outputs } = modelInfo(model);
  const [given, ...others] = inputs;
  const [result] = outputs;
  if (given === undefined || others.length > 0) {
    throw badInput(
      `the model has ${inputs.length} inputs (${inputs.map((one) => one.name).join(', ')}), one is trained`,
    );
  }
  const isNumeric = given.dtype !== null && (isFloat(given.dtype) || WHOLE.has(given.dtype));
  if (!isNumeric || given.shape?.length === 0) {
    throw badInput(`the model's input '${given.name}' is ${given.dtype} [${given.shape}], not numbers [batch, …]`, {
      remedy: 'train a model whose input is a batch of float or integer tensors',
    });
  }
  // Examples come as float32; token numbers up to 2²⁴ are exact in it.
  const asGiven = (x: Value): Value =>
    given.dtype !== null && WHOLE.has(given.dtype) ? op.cast(x, given.dtype as 'int64') : x;
  const batch = given.shape?.[0];
  const graph = (x: Value, weights: Scope): Scope => {
    const now = x.shape?.[0] ?? null;
    const fixedBatch = typeof batch === 'number' ? { written: batch, now } : undefined;
    return importModel(model, new Map([...weights, [given.name, asGiven(x)]]), [result.name], fixedBatch);
  };
  const outputOf = (scope: Scope): Value<FloatDType> => {
    const output = scope.get(result.name) as Value<FloatDType> | undefined;
    if (output === undefined) throw badInput(`the model's output '${result.name}' is given by no node`);
    return asRows(withShape(output, output.shape ?? declaredShape(result.shape)));
  };
  const specs = (inputShape: readonly Dim[]) => {
    const values = new Map(
      candidates(model).map(({ name: own, shape }) => [own, input(own, 'float32', shape) as Value]),
    );
    const weights = new Set(weightsAmong(values, outputOf(graph(input('x', 'float32', inputShape), values))));
    return candidates(model)
      .filter((candidate) => weights.has(candidate.name))
      .map((weight) => ({
        name: weight.name,
        shape: weight.shape,
        trainable: true,
        initial: () => widened(tensorOf(weight)) as Tensor<FloatDType>,
      }));
  };
  const inside = (x: Value, parameters: Readonly<Record<string, Value>>): Inside => {
    const scope = graph(x, new Map(Object.entries(parameters)));
    const values = model.graph.nodes.flatMap(({ outputs: names }) =>
      names.flatMap((own): [string, Value][] => {
        const value = scope.get(own);
        return value?.type.kind === 'tensor' && value.type.dtype === 'float32' && value.source.kind === 'output'
          ? [[own, value as Value]]
          : [];
      }),
    );
    const known = new Set(values.map(([own]) => own));
    const gates = gatesOf(model)
      .map((gate) => gate.output)
      .filter((own) => known.has(own) && isCountable(scope.get(own) as Value));
    return { output: outputOf(scope), values: Object.fromEntries(values), gates };
  };
  return {
    kind: 'model',
    name,
    model,
    parameters: specs,
    forward: (x, parameters) => outputOf(graph(x as Value, new Map(Object.entries(parameters)))) as typeof x,
    inside,
  };
}

/** Classes of an image `[batch, classes, 1, 1]` as rows `[batch, classes]`, which is what losses take. */
function asRows(output: Value<FloatDType>): Value<FloatDType> {
  const [batch = null, classes, ...rest] = output.shape ?? [];
  if (rest.length === 0 || typeof classes !== 'number' || rest.some((dim) => dim !== 1)) return output;
  return reshape(output, [-1, classes], [batch, classes]);
}

/** The declared shape of an output without the batch it was written for. */
function declaredShape(shape: readonly Dim[] | null): readonly Dim[] | null {
  return shape === null ? null : shape.map((dim, axis) => (axis === 0 ? 'batch' : dim));
}

function isCountable({ shape }: Value): boolean {
  return shape !== null && shape.length > 1 && shape.slice(1).every((dim) => typeof dim === 'number');
}
