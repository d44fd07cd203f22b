/** A model of whatever origin as something to train: its interface, nodes and all else stay, its weights change. */
import {
  badInput,
  initializer,
  type Model,
  type ModelOptions,
  modelInfo,
  type Sequential,
  sequential,
  type Tensor,
} from '@rheobase/exporter';
import { checkWeights } from './check-weights.js';
import { narrowed } from './float32.js';
import { modelLayer } from './model-layer.js';

/**
 * The model for `fit`. Its float initializers are the parameters, by the names `model/…`; `toModel` gives the same
 * model with other weights in it and its history in the metadata.
 * @throws RheobaseError `bad-input` as `modelLayer`, and where a weight is NaN.
 */
export function trainableModel(model: Model): Sequential {
  checkWeights(model);
  const layer = modelLayer(model);
  const { layers, build } = sequential([layer]);
  return {
    layers,
    build,
    toModel: ({ weights = {}, metadata = {} }: ModelOptions) =>
      withWeights(model, weights, `${layer.name}/`, { ...model.metadata, ...metadata }),
  };
}

function withWeights(
  model: Model,
  weights: Readonly<Record<string, Tensor>>,
  prefix: string,
  metadata: Model['metadata'],
): Model {
  const initializers = model.graph.initializers.map((former) => {
    const trained = weights[`${prefix}${former.name}`];
    if (trained === undefined) return former;
    const { docString, metadata: own } = former;
    const weight = narrowed({ ...(trained as Tensor<'float32'>), shape: former.shape }, former.dtype);
    return { ...initializer(former.name, weight), docString, metadata: own };
  });
  return { ...model, metadata, graph: { ...model.graph, initializers } };
}

/**
 * The shape of one example that a model takes, the batch left out; extents that the model leaves open are those of the
 * data, where the ranks agree.
 * @throws RheobaseError `bad-input` where that leaves one open.
 */
export function exampleShapeOf(model: Model, data: readonly number[]): readonly number[] {
  const [given] = modelInfo(model).inputs;
  const shape = given?.shape?.slice(1);
  if (shape === undefined) return data;
  const known = shape.map((dim, axis) =>
    typeof dim === 'number' ? dim : shape.length === data.length ? data[axis] : 0,
  );
  const open = known.indexOf(0);
  if (open === -1) return known;
  throw badInput(
    `the model's input '${given.name}' [${given.shape}] leaves an extent open that the data [${data}] does not tell`,
    { remedy: 'give examples with as many axes as the input has' },
  );
}
