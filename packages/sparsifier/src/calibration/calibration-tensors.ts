/** A calibration as tensors by name, for a file (npz) and back: how one is resumed after the process has ended. */
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { ActivationStatistics } from './activation-statistics.js';
import type { Calibration } from './calibrate.js';

const PROGRESS = 'progress';
const FIELDS = ['counts', 'least', 'greatest'] as const;
type Field = (typeof FIELDS)[number];

export function calibrationToTensors({ done, total, statistics }: Calibration): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = { [PROGRESS]: doubles([done, total]) };
  for (const [name, own] of statistics) {
    const { channels, counts, least, greatest } = own;
    const fields: Record<Field, Tensor> = {
      counts: { dtype: 'int32', shape: [channels, counts.length / channels], data: counts },
      least: { dtype: 'float32', shape: [channels], data: least },
      greatest: { dtype: 'float32', shape: [channels], data: greatest },
    };
    for (const field of FIELDS) tensors[`${field}/${name}`] = fields[field];
  }
  return tensors;
}

/** @throws RheobaseError `bad-input` where the tensors are none that `calibrationToTensors` made. */
export function calibrationFromTensors(tensors: Readonly<Record<string, Tensor>>): Calibration {
  const [done, total] = numbers(tensors, PROGRESS);
  const names = Object.keys(tensors).flatMap((key) => (key.startsWith('counts/') ? [key.slice('counts/'.length)] : []));
  const statistics = new Map(names.map((name) => [name, statisticsFrom(tensors, name)]));
  return { done: done ?? 0, total: total ?? 0, statistics };
}

function statisticsFrom(tensors: Readonly<Record<string, Tensor>>, name: string): ActivationStatistics {
  const field = (which: Field) => numbers(tensors, `${which}/${name}`);
  const own = new ActivationStatistics(field('least').length);
  fill(own.counts, field('counts'), name);
  fill(own.least, field('least'), name);
  fill(own.greatest, field('greatest'), name);
  return own;
}

function fill(target: Int32Array | Float32Array, source: ArrayLike<number>, name: string): void {
  if (target.length !== source.length) throw badInput('is of another version', { where: `calibration of '${name}'` });
  target.set(source);
}

function numbers(tensors: Readonly<Record<string, Tensor>>, key: string): Float64Array {
  const tensor = tensors[key];
  if (tensor === undefined) throw badInput(`no calibration: it has no '${key}'`);
  return Float64Array.from(tensor.data as Float64Array);
}

function doubles(values: ArrayLike<number>): Tensor<'float64'> {
  return { dtype: 'float64', shape: [values.length], data: Float64Array.from(values) };
}
