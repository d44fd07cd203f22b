/** Metrics of a network on a data set, with the parameters it is given; nothing is trained. */
import {
  buildModel,
  constant,
  encodeModel,
  type FloatDType,
  input,
  type Model,
  type Network,
  op,
  type Tensor,
  type Value,
} from '@rheobase/exporter';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import { type Dataset, hashOf } from '../data/index.js';
import { withShape } from '../graph/values.js';
import type { Loss } from '../losses/index.js';
import { isDropout } from '../step/dropout.js';
import { neuronsOf, shapesOf, watch } from '../step/network-shapes.js';
import { cutApart, groupsOf, packVector, parameterVector } from '../step/parameter-vector.js';
import { BatchBuffer } from './batches.js';
import { checkData } from './check-data.js';
import type { Metrics } from './events.js';
import { addRun, emptyTally, metricsOf } from './tally.js';

export interface EvaluateOptions {
  readonly backend: Backend;
  readonly loss: Loss;
  /** Trainable parameters by name. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Examples in one run; default 500. */
  readonly batchSize?: number;
  /** Seed of parameters that are not trained; default 0. */
  readonly seed?: number;
  readonly session?: SessionOptions;
}

/** Loss, accuracy and the share of silent neurons in each layer with a gate. */
export async function evaluate(network: Network, data: Dataset, options: EvaluateOptions): Promise<Metrics> {
  checkData(network, options.loss, data, 'evaluation data');
  const evaluator = await Evaluator.open(network, data, options);
  try {
    return await evaluator.run(packVector(parameterVector(network), options.parameters));
  } finally {
    await evaluator.close();
  }
}

export class Evaluator {
  private constructor(
    private readonly session: Session,
    private readonly network: Network,
    private readonly data: Dataset,
    private readonly batchSize: number,
    private readonly decisions: number,
  ) {}

  static async open(
    network: Network,
    data: Dataset,
    { backend, loss, seed = 0, batchSize = 500, session: options = {} }: Omit<EvaluateOptions, 'parameters'>,
  ): Promise<Evaluator> {
    const session = await backend.open({ bytes: encodeModel(evaluationModel(network, loss, seed)) }, options);
    const decisions = loss.decisions?.(shapesOf(network).output) ?? 1;
    return new Evaluator(session, network, data, Math.min(batchSize, data.count), decisions);
  }

  async run(parameters: Float32Array): Promise<Metrics> {
    const { data, batchSize } = this;
    const vector: Tensor = { dtype: 'float32', shape: [parameters.length], data: parameters };
    const buffer = new BatchBuffer(data, batchSize);
    const tally = emptyTally();
    for (let first = 0; first < data.count; first += batchSize) {
      const indices = Uint32Array.from({ length: Math.min(batchSize, data.count - first) }, (_, at) => first + at);
      const { outputs } = await this.session.run({ ...buffer.fill(indices, [indices.length]), parameters: vector });
      addRun(tally, outputs, indices.length);
    }
    return metricsOf(tally, neuronsOf(this.network), this.decisions);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/**
 * What tells networks apart whose parameters are the same: a digest of the graph, its fixed θ and its frozen numbers
 * included, and of what training adds to it.
 */
export async function networkDigest(network: Network, loss: Loss, seed: number): Promise<string> {
  const dropouts = network.layers.map(
    ({ name, layer }) => `${name} ${layer.kind} ${isDropout(layer) ? layer.rate : ''}`,
  );
  const parts = [encodeModel(evaluationModel(network, loss, seed)), new TextEncoder().encode(dropouts.join())];
  return (await hashOf(parts)).slice(0, 16);
}

/** Inputs x, y, parameters; outputs loss, correct and active/… as in training, without dropout. */
function evaluationModel(network: Network, loss: Loss, seed: number): Model {
  const { dtype, inputShape } = network;
  const vector = parameterVector(network);
  const x = input('x', dtype, ['batch', ...inputShape]);
  const parameters: Value<FloatDType> = input('parameters', dtype, [vector.size]);
  const views = groupsOf(vector, parameters).map((group, index) => cutApart(vector.groups[index], group));
  const fixed = network.parameters
    .filter(({ trainable }) => !trainable)
    .map((parameter) => [parameter.name, constant(parameter.initial(seed))]);
  const { output, layers, gated } = watch(network, x, Object.assign(Object.fromEntries(fixed), ...views));
  const target = loss.target(output);
  const y = input('y', target.dtype, target.shape);
  const { loss: value, correct } = loss.build(output, y);
  const active = gated.map((name) => {
    const count = op.reduceSum(op.cast(op.cast(layers[name], 'bool'), 'float32'), { keepdims: false });
    return [`active/${name}`, withShape(count, [])];
  });
  return buildModel({
    inputs: { x, y, parameters },
    outputs: { loss: value, ...(correct === undefined ? {} : { correct }), ...Object.fromEntries(active) },
  });
}
