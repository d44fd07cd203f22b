/** A layer's θ for a share of silent neurons, and the share for a θ. */
import type { Theta } from '@rheobase/exporter';
import type { ActivationStatistics, GateKind } from '../calibration/index.js';

export interface Layer {
  /** Node of the activation. */
  readonly node: string;
  readonly statistics: ActivationStatistics;
  /** Values that the layer has for one sample: its neurons, in images one for each channel and place. */
  readonly neurons: number;
  /** One θ for each channel, all channels equally silent. */
  readonly perChannel: boolean;
}

/** Shares closer than this are the same. */
export const NO_DIFFERENCE = 0.005;

/**
 * The θ that silences a share of the values that `statistics` saw; undefined where the layer is that silent by itself. Never
 * below 0: a value gate there would silence what is most negative and let through what is nearly nothing.
 */
export function thetaFor(
  { perChannel, statistics: own }: Layer,
  statistics: ActivationStatistics = own,
  share: number,
  gate: GateKind,
): Theta | undefined {
  if (share <= statistics.zeroShare + NO_DIFFERENCE) return undefined;
  const theta = (quantile: number) => Math.fround(Math.max(0, quantile));
  if (!perChannel) return theta(statistics.quantile(share, gate));
  return Array.from({ length: statistics.channels }, (_, channel) =>
    theta(statistics.channelQuantile(channel, share, gate)),
  );
}

/** Share of values that a θ silences; those that are 0 without one. */
export function silentShareOf(statistics: ActivationStatistics, theta: Theta | undefined, gate: GateKind): number {
  if (theta === undefined) return statistics.zeroShare;
  if (typeof theta === 'number') return statistics.silentShare(theta, gate);
  const { channels } = statistics;
  let sum = 0;
  for (let channel = 0; channel < channels; channel += 1)
    sum += statistics.channelSilentShare(channel, theta[channel] ?? Number.NaN, gate);
  return sum / channels;
}
