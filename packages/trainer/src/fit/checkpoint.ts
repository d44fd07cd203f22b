/**
 * Checkpoints: everything that decides how training goes on, in one archive of arrays (.npz), so that a training that
 * was stopped and resumed ends where it would have ended. Batches and masks need no state: they follow from the seed
 * and the number of the step.
 */
import { badInput, RheobaseError, type Tensor } from '@rheobase/exporter';
import { encodeNpz, openNpz } from '@rheobase/runtime/npz';
import type { EpochLog } from './events.js';
import type { Tally } from './tally.js';
import type { State } from './training-session.js';

/** Where a checkpoint is kept. `save` replaces the former one as a whole, or leaves it. */
export interface CheckpointStore {
  /** How errors call it. */
  readonly name: string;
  /** Undefined where there is none yet. */
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

/** What must be the same for a checkpoint to fit a training, by the names that errors use. */
export type Identity = Readonly<Record<string, unknown>>;

export interface Progress {
  /** The epoch that goes on, counted from 1. */
  readonly epoch: number;
  readonly stepsInEpoch: number;
  readonly steps: number;
  /** Of the epoch so far. */
  readonly tally: Tally;
  readonly secondsInEpoch: number;
  readonly history: readonly EpochLog[];
}

export interface Checkpoint {
  readonly progress: Progress;
  readonly state: State;
  /** Parameters of the best epoch so far, where they are to be restored. */
  readonly best: Float32Array | undefined;
}

const FORMAT = 'rheobase/checkpoint@1';

export function encodeCheckpoint({ progress, state, best }: Checkpoint, identity: Identity): Uint8Array {
  const text = JSON.stringify({ format: FORMAT, identity, progress });
  const bytes = new TextEncoder().encode(text);
  const vectors = Object.entries(state).map(([name, tensor]) => [`state.${name}`, tensor]);
  return encodeNpz({
    progress: { dtype: 'uint8', shape: [bytes.length], data: bytes },
    ...Object.fromEntries(vectors),
    ...(best === undefined ? {} : { best: { dtype: 'float32', shape: [best.length], data: best } as Tensor }),
  });
}

/**
 * @param names the state vectors that there must be, of `size` elements each.
 * @throws RheobaseError `bad-input` where the archive is damaged, or is of another training, naming what differs.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  identity: Identity,
  { where, names, size }: { readonly where: string; readonly names: readonly string[]; readonly size: number },
): Checkpoint {
  try {
    const archive = openNpz(bytes);
    if (!archive.names.includes('progress')) throw badInput(`is no checkpoint, it holds ${archive.names.join(', ')}`);
    const { progress, identity: own } = readProgress(archive.read('progress'));
    checkIdentity(own, identity);
    const vector = (name: string) => checkVector(archive.read(name), name, size);
    return {
      progress,
      state: Object.fromEntries(names.map((name) => [name, vector(`state.${name}`)])),
      best: archive.names.includes('best') ? vector('best').data : undefined,
    };
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(where) : error;
  }
}

function readProgress({ data }: Tensor): { progress: Progress; identity: Identity } {
  try {
    const { format, progress, identity } = JSON.parse(new TextDecoder().decode(data as Uint8Array));
    if (format !== FORMAT) throw badInput(`has the format ${format}, not ${FORMAT}`);
    return { progress, identity };
  } catch (error) {
    if (error instanceof RheobaseError) throw error;
    throw badInput('is no checkpoint', { cause: error });
  }
}

/** @throws RheobaseError `bad-input` naming the first thing that differs. */
export function checkIdentity(theirs: Identity, ours: Identity): void {
  const plain = JSON.parse(JSON.stringify(ours)) as Identity;
  const keys = new Set([...Object.keys(plain), ...Object.keys(theirs)]);
  const other = [...keys].find((key) => JSON.stringify(theirs[key]) !== JSON.stringify(plain[key]));
  if (other === undefined) return;
  throw badInput(`is of another training: its ${other} is ${brief(theirs[other])}, here it is ${brief(plain[other])}`, {
    remedy: 'resume with the same settings, or remove it to start anew',
  });
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not set';
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function checkVector(tensor: Tensor, name: string, size: number): Tensor<'float32'> {
  if (tensor.dtype !== 'float32' || tensor.data.length !== size) {
    throw badInput(`is ${tensor.dtype} [${tensor.shape}], not float32 [${size}]`, { where: name });
  }
  const data = tensor.data as Float32Array;
  if (!data.every((value) => Number.isFinite(value)))
    throw badInput('holds numbers that are not finite', { where: name });
  return { dtype: 'float32', shape: [size], data };
}
