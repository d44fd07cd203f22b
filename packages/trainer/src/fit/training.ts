/**
 * A training under way: where it stands (epoch, step, state, metrics so far), and how it goes on by some steps. All
 * that decides how it goes on is in its checkpoint.
 */
import type { Network, Tensor } from '@rheobase/exporter';
import type { Dataset } from '../data/index.js';
import { type Schedule, scheduleOf } from '../optimizers/index.js';
import { isDropout } from '../step/dropout.js';
import { distillationSettings, unpackVector } from '../step/index.js';
import { inputShapeOf, neuronsOf, shapesOf } from '../step/network-shapes.js';
import { BatchBuffer, epochOrder, keptMask } from './batches.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type Identity } from './checkpoint.js';
import { diagnose } from './diagnosis.js';
import { bestEpoch, hasStalled } from './early-stopping.js';
import { Evaluator, networkDigest } from './evaluate.js';
import type { EpochLog, FitEvent, FitResult } from './events.js';
import { firstState, keptBy, maskOf } from './first-state.js';
import type { FitOptions } from './fit.js';
import { addRun, emptyTally, metricsOf, type Tally } from './tally.js';
import { type RunFeeds, type State, TrainingSession } from './training-session.js';

export class Training {
  readonly #session: TrainingSession;
  readonly #rateAt: Schedule;
  readonly #neurons: Readonly<Record<string, number>>;
  readonly #decisions: number;
  readonly #buffer: BatchBuffer;
  readonly #batchSize: number;
  readonly #seed: number;
  #digest: Promise<string> | undefined;
  #evaluator: Evaluator | undefined;
  #epoch = 1;
  #stepsInEpoch = 0;
  #steps = 0;
  #stepsHere = 0;
  #savedAt = 0;
  #tally: Tally = emptyTally();
  #secondsInEpoch = 0;
  #history: EpochLog[] = [];
  #best: Float32Array | undefined;

  constructor(
    private readonly network: Network,
    private readonly data: Dataset,
    private readonly dataHash: string,
    private readonly options: FitOptions,
  ) {
    const { batchSize = 32, seed = 0, stepsPerRun = 32, learningRate = 1e-3 } = options;
    this.#seed = seed;
    this.#batchSize = Math.min(batchSize, data.count);
    this.#rateAt = scheduleOf(learningRate);
    this.#neurons = neuronsOf(network);
    this.#decisions = options.loss.decisions?.(shapesOf(network).output) ?? 1;
    this.#buffer = new BatchBuffer(data, Math.min(stepsPerRun * this.#batchSize, data.count));
    this.#session = new TrainingSession(
      options.backend,
      network,
      { ...options, seed, masked: options.masks !== undefined },
      options.session ?? {},
      firstState(network, options, seed),
      maskOf(network, options.masks),
    );
  }

  async resume(): Promise<void> {
    const { checkpoint } = this.options;
    const bytes = await checkpoint?.store.load();
    if (checkpoint === undefined || bytes === undefined) return;
    const names = Object.keys(this.#session.state);
    const { size } = this.#session.vector;
    const { progress, state, best } = decodeCheckpoint(bytes, await this.#identity(), {
      where: checkpoint.store.name,
      names,
      size,
    });
    this.#session.state = state;
    this.#best = best;
    this.#epoch = progress.epoch;
    this.#stepsInEpoch = progress.stepsInEpoch;
    this.#steps = progress.steps;
    this.#savedAt = progress.steps;
    this.#tally = progress.tally;
    this.#secondsInEpoch = progress.secondsInEpoch;
    this.#history = [...progress.history];
    this.#tell({ kind: 'resumed', epoch: this.#epoch, step: this.#steps });
  }

  async run(): Promise<FitResult['ended']> {
    const { epochs = 10, earlyStopping } = this.options;
    while (this.#epoch <= epochs) {
      if (earlyStopping !== undefined && hasStalled(this.#history, earlyStopping)) return 'early';
      if (!(await this.#runEpoch())) {
        if (this.#isAtLimit) return 'finished';
        await this.#save();
        return 'aborted';
      }
      await this.#endEpoch();
    }
    return 'finished';
  }

  get #isAtLimit(): boolean {
    return this.#steps >= (this.options.maxSteps ?? Infinity);
  }

  /** The rest of an epoch; false where the signal or the limit of steps ended it. */
  async #runEpoch(): Promise<boolean> {
    const { stepsPerRun = 32, checkpoint, signal } = this.options;
    const { count } = this.data;
    const full = Math.floor(count / this.#batchSize);
    const all = Math.ceil(count / this.#batchSize);
    const order = epochOrder(count, this.#seed, this.#epoch);
    while (this.#stepsInEpoch < all) {
      if (signal?.aborted || this.#isAtLimit) return false;
      const isRest = this.#stepsInEpoch === full;
      const batch = isRest ? count - full * this.#batchSize : this.#batchSize;
      const left = (this.options.maxSteps ?? Infinity) - this.#steps;
      const steps = isRest ? 1 : Math.min(stepsPerRun, full - this.#stepsInEpoch, left);
      const start = performance.now();
      await this.#runSteps(order.subarray(this.#stepsInEpoch * this.#batchSize), steps, batch);
      this.#secondsInEpoch += (performance.now() - start) / 1000;
      const where = { epoch: this.#epoch, step: this.#steps, stepInEpoch: this.#stepsInEpoch, stepsInEpoch: all };
      this.#tell({ kind: 'steps', ...where, ...this.#metrics() });
      const isDue = this.#steps - this.#savedAt >= (checkpoint?.everySteps ?? Infinity);
      if (isDue && this.#stepsInEpoch < all) await this.#save();
    }
    return true;
  }

  async #runSteps(order: Uint32Array, steps: number, batch: number): Promise<void> {
    const firstStep = this.#steps + 1;
    const { network } = this;
    const masks = network.layers.flatMap(({ name, layer }): [string, Tensor][] => {
      if (!isDropout(layer) || layer.rate === 0) return [];
      const shape = inputShapeOf(network, name);
      const size = batch * shape.reduce((product, extent) => product * extent, 1);
      const data = keptMask(this.#seed, name, { rate: layer.rate, firstStep, steps, size });
      return [[`${name}/kept`, { dtype: 'bool', shape: [steps, batch, ...shape], data }]];
    });
    const feeds: RunFeeds = {
      stacks: { ...this.#buffer.fill(order.subarray(0, steps * batch), [steps, batch]), ...Object.fromEntries(masks) },
      rates: Array.from({ length: steps }, (_, at) => this.#rateAt(firstStep + at)),
      firstStep,
    };
    const state = this.#session.state;
    const outputs = await this.#session.run(feeds, batch);
    await this.#checkLosses(outputs.loss.data as Float32Array, feeds, state, batch);
    addRun(this.#tally, outputs, batch);
    this.#steps += steps;
    this.#stepsHere += steps;
    this.#stepsInEpoch += steps;
  }

  async #checkLosses(losses: Float32Array, feeds: RunFeeds, state: State, batch: number): Promise<void> {
    const at = losses.findIndex((loss) => !Number.isFinite(loss));
    if (at === -1) return;
    const { network } = this;
    const { backend } = this.options;
    const place = { at, loss: losses[at], epoch: this.#epoch, seed: this.#seed };
    throw await diagnose({ session: this.#session, network, backend, state, feeds, batch, ...place });
  }

  async #endEpoch(): Promise<void> {
    const { earlyStopping } = this.options;
    const log: EpochLog = {
      epoch: this.#epoch,
      ...this.#metrics(),
      learningRate: this.#rateAt(this.#steps),
      seconds: this.#secondsInEpoch,
      validation: await this.#validate(),
    };
    this.#history.push(log);
    if (earlyStopping?.restoreBest !== false && earlyStopping !== undefined) {
      if (bestEpoch(this.#history, earlyStopping) === this.#epoch)
        this.#best = this.#session.state.parameters.data.slice();
    }
    this.#epoch += 1;
    this.#stepsInEpoch = 0;
    this.#tally = emptyTally();
    this.#secondsInEpoch = 0;
    this.#tell({ kind: 'epoch', ...log });
    await this.#save();
  }

  async #validate(): Promise<EpochLog['validation']> {
    const { validation, backend, loss, session } = this.options;
    if (validation === undefined) return null;
    const options = { backend, loss, seed: this.#seed, ...(session === undefined ? {} : { session }) };
    this.#evaluator ??= await Evaluator.open(this.network, validation, options);
    return this.#evaluator.run(this.#session.state.parameters.data);
  }

  #metrics() {
    return metricsOf(this.#tally, this.#neurons, this.#decisions);
  }

  async #save(): Promise<void> {
    const { checkpoint } = this.options;
    if (checkpoint === undefined || this.#savedAt === this.#steps) return;
    const content: Checkpoint = {
      progress: {
        epoch: this.#epoch,
        stepsInEpoch: this.#stepsInEpoch,
        steps: this.#steps,
        tally: this.#tally,
        secondsInEpoch: this.#secondsInEpoch,
        history: this.#history,
      },
      state: this.#session.state,
      best: this.#best,
    };
    await checkpoint.store.save(encodeCheckpoint(content, await this.#identity()));
    this.#savedAt = this.#steps;
    this.#tell({ kind: 'checkpoint', step: this.#steps });
  }

  /** What decides the trajectory, apart from the number of epochs and a schedule, which may be prolonged. */
  async #identity(): Promise<Identity> {
    const { optimizer, loss, clipNorm, sparsity, bandwidth, distillation, masks, learningRate = 1e-3 } = this.options;
    this.#digest ??= networkDigest(this.network, loss, this.#seed);
    return {
      parameters: this.#session.vector.entries.map(({ name, shape }) => `${name} [${shape}]`),
      optimizer: { name: optimizer.name, ...optimizer.settings },
      loss: loss.name,
      'batch size': this.#batchSize,
      seed: this.#seed,
      data: this.dataHash,
      'learning rate': typeof learningRate === 'number' ? learningRate : 'a schedule',
      'gradient limit': clipNorm ?? null,
      sparsity: sparsity ?? null,
      bandwidth: bandwidth ?? null,
      ...(masks === undefined ? {} : { 'number of weights kept': keptBy(masks) }),
      ...(distillation === undefined ? {} : { distillation: distillationSettings(distillation) }),
      network: await this.#digest,
    };
  }

  #tell(event: FitEvent): void {
    this.options.onEvent?.(event);
  }

  result(
    ended: FitResult['ended'],
    build: (
      parameters: FitResult['parameters'],
      history: readonly EpochLog[],
      choice: Parameters<FitResult['toModel']>[0],
    ) => ReturnType<FitResult['toModel']>,
  ): FitResult {
    const last = this.#session.state.parameters.data;
    const parameters = unpackVector(this.#session.vector, ended === 'aborted' ? last : (this.#best ?? last));
    const history = [...this.#history];
    return {
      parameters,
      history,
      ended,
      steps: this.#steps,
      msPerStep: this.#session.ms / Math.max(this.#stepsHere, 1),
      toModel: (choice) => build(parameters, history, choice),
    };
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#evaluator?.close();
  }
}
