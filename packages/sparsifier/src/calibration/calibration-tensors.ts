/** A calibration as tensors by name, for a file (npz) and back: how one is resumed after the process has ended. */
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { ActivationStatistics, COUNTED_BINS } from './activation-statistics.js';
import type { Calibration } from './calibrate.js';

const PROGRESS = 'progress';
const COUNTS = 'counts/';

export function calibrationToTensors({ done, total, statistics }: Calibration): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = { [PROGRESS]: doubles([done, total]) };
  for (const [name, { channels, counts }] of statistics) {
    tensors[`${COUNTS}${name}`] = { dtype: 'int32', shape: [COUNTED_BINS, channels], data: counts };
  }
  return tensors;
}

/** @throws RheobaseError `bad-input` where the tensors are none that `calibrationToTensors` made. */
export function calibrationFromTensors(tensors: Readonly<Record<string, Tensor>>): Calibration {
  const [done, total] = numbers(tensors, PROGRESS);
  const names = Object.keys(tensors).flatMap((key) => (key.startsWith(COUNTS) ? [key.slice(COUNTS.length)] : []));
  const statistics = new Map(names.map((name) => [name, statisticsFrom(tensors, name)]));
  return { done: done ?? 0, total: total ?? 0, statistics };
}

function statisticsFrom(tensors: Readonly<Record<string, Tensor>>, name: string): ActivationStatistics {
  const counts = numbers(tensors, `${COUNTS}${name}`);
  const [bins, channels = 0] = tensors[`${COUNTS}${name}`]?.shape ?? [];
  if (bins !== COUNTED_BINS || counts.length !== bins * channels) {
    throw badInput('is of another version', { where: `calibration of '${name}'`, remedy: 'start anew' });
  }
  const own = new ActivationStatistics(channels);
  own.counts.set(counts);
  return own;
}

function numbers(tensors: Readonly<Record<string, Tensor>>, key: string): Float64Array {
  const tensor = tensors[key];
  if (tensor === undefined) throw badInput(`no calibration: it has no '${key}'`);
  return Float64Array.from(tensor.data as Float64Array);
}

function doubles(values: ArrayLike<number>): Tensor<'float64'> {
  return { dtype: 'float64', shape: [values.length], data: Float64Array.from(values) };
}
