/**
 * A pruning that can be resumed: to the checkpoint of the training under way its round is added, with the masks of that
 * round and the weights that it began with. A checkpoint without them is one of the first, dense training.
 */
import { badInput, type Network, RheobaseError, type Tensor } from '@rheobase/exporter';
import { encodeNpz, openNpz } from '@rheobase/runtime/npz';
import { type CheckpointStore, checkIdentity, type Identity } from '../fit/checkpoint.js';
import type { Masks, Weights } from './masks.js';

export interface Round {
  /** 0 is the dense training. */
  readonly round: number;
  readonly masks: Masks;
  /** What survivors go back to. */
  readonly start: Weights;
}

/**
 * The round that a checkpoint is of; undefined for none, and for one of the dense training.
 * @throws RheobaseError `bad-input` where it is of another network or pruned in another way.
 */
export async function savedRound(
  store: CheckpointStore,
  network: Network,
  settings: Identity,
): Promise<Round | undefined> {
  const bytes = await store.load();
  if (bytes === undefined) return undefined;
  try {
    const archive = openNpz(bytes);
    if (!archive.names.includes('pruning')) return undefined;
    const { identity, round } = JSON.parse(new TextDecoder().decode(archive.read('pruning').data as Uint8Array));
    checkIdentity(identity, { parameters: parametersOf(network), pruning: settings });
    const named = (prefix: string) => archive.names.filter((name) => name.startsWith(prefix));
    const read = (prefix: string) =>
      named(prefix).map((name) => [name.slice(prefix.length), floats(archive.read(name))] as const);
    return { round, masks: Object.fromEntries(read('mask.')), start: Object.fromEntries(read('start.')) };
  } catch (error) {
    if (error instanceof RheobaseError) throw error.within(store.name);
    throw badInput('is no checkpoint', { where: store.name, cause: error });
  }
}

/** Where the training of one round keeps its checkpoint: beside what makes it that round. */
export function roundStore(
  store: CheckpointStore,
  network: Network,
  settings: Identity,
  { round, masks, start }: Round,
): CheckpointStore {
  const text = JSON.stringify({ identity: { parameters: parametersOf(network), pruning: settings }, round });
  const own = new TextEncoder().encode(text);
  return {
    name: store.name,
    async load() {
      const bytes = await store.load();
      if (bytes === undefined) return undefined;
      const saved = await savedRound(store, network, settings);
      return saved?.round === round ? bytes : undefined;
    },
    save(bytes) {
      const archive = openNpz(bytes);
      return store.save(
        encodeNpz({
          ...Object.fromEntries(archive.names.map((name) => [name, archive.read(name)])),
          pruning: { dtype: 'uint8', shape: [own.length], data: own },
          ...Object.fromEntries(Object.entries(masks).map(([name, mask]) => [`mask.${name}`, bits(mask)])),
          ...Object.fromEntries(Object.entries(start).map(([name, weight]) => [`start.${name}`, weight])),
        }),
      );
    },
  };
}

function parametersOf({ parameters }: Network): readonly string[] {
  return parameters.filter(({ trainable }) => trainable).map(({ name, shape }) => `${name} [${shape}]`);
}

function bits({ shape, data }: Tensor<'float32'>): Tensor<'uint8'> {
  return { dtype: 'uint8', shape, data: Uint8Array.from(data) };
}

function floats({ shape, data }: Tensor): Tensor<'float32'> {
  return { dtype: 'float32', shape, data: Float32Array.from(data as ArrayLike<number>) };
}
