/**
 * `--calibration FILE`: what a calibration has counted, kept so that it can be gone on with, and need not be done again for
 * another goal. It says what it is of: another model, gate or data is refused.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { badInput, encodeModel, type Model, RheobaseError, type Tensor } from '@rheobase/exporter';
import { readTensorsFile, writeTensorsFile } from '@rheobase/runtime/files';
import { type Calibration, calibrationFromTensors, calibrationToTensors, type Samples } from '@rheobase/sparsifier';

const SUBJECT = 'subject';

export interface CalibrationFile {
  /** What was counted before; undefined where there is no file yet. */
  readonly found: Calibration | undefined;
  save(calibration: Calibration): Promise<void>;
}

/** @throws RheobaseError `bad-input` where the file is none of a calibration, or of another model, gate or data. */
export async function calibrationFile(
  path: string,
  model: Model,
  gate: string,
  samples: Samples,
): Promise<CalibrationFile> {
  const subject = await subjectOf(model, gate, samples);
  return {
    found: existsSync(path) ? await read(path, subject) : undefined,
    save: (calibration) =>
      writeTensorsFile(path, { ...calibrationToTensors(calibration), [SUBJECT]: tensorOfBytes(subject) }),
  };
}

async function read(path: string, subject: Uint8Array): Promise<Calibration> {
  try {
    const { [SUBJECT]: own, ...tensors } = await readTensorsFile(path);
    if (own === undefined) throw badInput('is no calibration');
    if (Buffer.compare(Buffer.from(own.data as Uint8Array), subject) !== 0) {
      throw badInput('is the calibration of another model, gate or data', { remedy: 'name another file' });
    }
    return calibrationFromTensors(tensors);
  } catch (error) {
    throw error instanceof RheobaseError && error.where === undefined ? error.within(path) : error;
  }
}

/** SHA-256 of the model, the gate, and the samples' number, first and last. */
async function subjectOf(model: Model, gate: string, samples: Samples): Promise<Uint8Array> {
  const hash = createHash('sha256').update(encodeModel(model)).update(`${gate} ${samples.count}`);
  for (const number of [0, samples.count - 1]) {
    for (const { data } of Object.values(await samples.feeds(number, number + 1))) {
      if (ArrayBuffer.isView(data)) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return hash.digest();
}

function tensorOfBytes(bytes: Uint8Array): Tensor<'uint8'> {
  return { dtype: 'uint8', shape: [bytes.length], data: Uint8Array.from(bytes) };
}
