/** A training graph on a backend, with the state it hands from one run to the next. */
import { encodeModel, type Network, type Tensor } from '@rheobase/exporter';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import { type ParameterVector, parameterVector, type StepOptions, trainingLoop } from '../step/index.js';

/** Vectors by name: `parameters`, and the optimizer's slots. */
export type State = Readonly<Record<string, Tensor<'float32'>>>;

export interface RunFeeds {
  /** x, y and masks with the leading axes steps and batch. */
  readonly stacks: Readonly<Record<string, Tensor>>;
  /** One learning rate a step. */
  readonly rates: readonly number[];
  /** The number of the first step, counted from 1. */
  readonly firstStep: number;
}

export class TrainingSession {
  readonly vector: ParameterVector;
  /** Time inside the runtime so far, ms. */
  ms = 0;
  readonly #sessions = new Map<number, Session>();

  constructor(
    private readonly backend: Backend,
    private readonly network: Network,
    private readonly options: StepOptions,
    private readonly sessionOptions: SessionOptions,
    /** Replaced as a whole by every run. */
    public state: State,
    /** Of the parameters, where there are masks. */
    private readonly mask?: Tensor<'bool'>,
  ) {
    this.vector = parameterVector(network);
  }

  /** Some steps; answers what they told, and keeps the state they left. */
  async run(feeds: RunFeeds, batch: number): Promise<Readonly<Record<string, Tensor>>> {
    const { outputs, ms } = await this.tryRun(feeds, batch, this.state);
    this.ms += ms;
    this.state = this.#next(outputs);
    return outputs;
  }

  /** The state after some steps from `state`, which is not kept. */
  async stateAfter(feeds: RunFeeds, batch: number, state: State): Promise<State> {
    return this.#next((await this.tryRun(feeds, batch, state)).outputs);
  }

  private async tryRun({ stacks, rates, firstStep }: RunFeeds, batch: number, state: State) {
    const steps = rates.length;
    const session = await this.#sessionFor(batch);
    const vectorOf = (of: (at: number) => number): Tensor => ({
      dtype: 'float32',
      shape: [steps],
      data: Float32Array.from({ length: steps }, (_, at) => of(at)),
    });
    return session.run({
      ...stacks,
      ...state,
      ...(this.mask === undefined ? {} : { mask: this.mask }),
      learningRate: vectorOf((at) => rates[at]),
      step: vectorOf((at) => firstStep + at),
    });
  }

  #next(outputs: Readonly<Record<string, Tensor>>): State {
    const slots = this.options.optimizer.slots.map((slot) => [slot, outputs[`next/${slot}`]]);
    return { parameters: outputs.nextParameters, ...Object.fromEntries(slots) } as State;
  }

  /** Each batch size has a graph of its own, which ONNX Runtime plans its memory for. */
  async #sessionFor(batch: number): Promise<Session> {
    let session = this.#sessions.get(batch);
    if (session === undefined) {
      const bytes = encodeModel(trainingLoop(this.network, { ...this.options, batch }));
      session = await this.backend.open({ bytes }, this.sessionOptions);
      this.#sessions.set(batch, session);
    }
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.close();
    this.#sessions.clear();
  }
}
