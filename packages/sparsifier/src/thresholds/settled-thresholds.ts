/**
 * A layer with a threshold in front of it sees other values than it was calibrated on. So thresholds that are to silence
 * certain shares are settled: put in all at once, watched, and chosen again from what each layer sees then.
 */
import { encodeModel, type Theta, withOutputs } from '@rheobase/exporter';
import type { Backend, Session, SessionOptions } from '@rheobase/runtime';
import { type ActivationStatistics, calibrateIn, type GateKind, type Samples } from '../calibration/index.js';
import type { AdjustableModel } from './adjustable-model.js';
import { type Allocation, overall } from './allocation.js';
import { type Layer, silentShareOf, thetaFor } from './theta.js';

export type Thetas = readonly (Theta | undefined)[];

/** Thresholds, and what they really silence: the share of each layer, and of all neurons. */
export interface SettledThresholds extends Allocation {
  readonly thetas: Thetas;
}

export interface SettlingOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  readonly batch: number;
  readonly session?: SessionOptions;
}

/** Shares closer than this to what was asked for are reached. */
const CLOSE = 0.005;
/** A change reaches one layer further in every round; three are enough for errors that shrink on their way. */
const ROUNDS = 3;

/** Watches a model's activations behind thresholds that are turned from outside. Close it after use. */
export class Settling {
  private constructor(
    private readonly adjustable: AdjustableModel,
    private readonly options: SettlingOptions,
    private readonly session: Session,
  ) {}

  static async open(adjustable: AdjustableModel, options: SettlingOptions): Promise<Settling> {
    const bytes = encodeModel(withOutputs(adjustable.model, adjustable.raw));
    return new Settling(adjustable, options, await options.backend.open({ bytes }, options.session));
  }

  /** Thresholds for the shares of an allocation. */
  async settle(layers: readonly Layer[], { sparsities }: Allocation, gate: GateKind): Promise<SettledThresholds> {
    let statistics = layers.map((layer) => layer.statistics);
    let thetas: Thetas = [];
    let reached: readonly number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      thetas = layers.map((layer, index) => thetaFor(layer, statistics[index], sparsities[index] ?? 0, gate));
      // Nothing was put in, or nothing stands behind what was: then all is known already.
      const isKnown = thetas.every((theta) => theta === undefined) || (layers.length === 1 && round === 0);
      if (!isKnown) statistics = await this.watch(thetas);
      reached = statistics.map((own, index) => silentShareOf(own, thetas[index], gate));
      if (isKnown || this.isClose(reached, sparsities, thetas)) break;
    }
    return { thetas, sparsities: reached, sparsity: overall(layers, reached) };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private isClose(reached: readonly number[], wanted: readonly number[], thetas: Thetas): boolean {
    return reached.every(
      (share, layer) => thetas[layer] === undefined || Math.abs(share - (wanted[layer] ?? 0)) <= CLOSE,
    );
  }

  private async watch(thetas: Thetas): Promise<ActivationStatistics[]> {
    const { raw, sites } = this.adjustable;
    const channelAxes = new Map(
      sites.flatMap(({ channelAxis: axis }, index) => (axis === undefined ? [] : [[raw[index] ?? '', axis] as const])),
    );
    const { samples, batch } = this.options;
    const plan = { samples, batch, values: raw, channelAxes, fixed: this.adjustable.feeds(thetas) };
    const { statistics } = await calibrateIn(this.session, plan);
    return raw.map((name) => statistics.get(name) as ActivationStatistics);
  }
}
