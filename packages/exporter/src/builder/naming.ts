/** Unique, readable names: the wish itself, then `wish_2`, `wish_3`, … */
import { bytesOf, type Tensor } from '../tensor/index.js';

export class NameScope {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** Takes a name that must be used as it is; false where it is taken. */
  claim(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** Takes the wish, or the next free numbered form of it. */
  unique(wish: string): string {
    if (this.claim(wish)) return wish;
    let count = this.#counts.get(wish) ?? 1;
    let name: string;
    do {
      count += 1;
      name = `${wish}_${count}`;
    } while (!this.claim(name));
    this.#counts.set(wish, count);
    return name;
  }
}

/** Small constants of equal type, shape and bits have the same key and can share an initializer. */
export function constantKey(tensor: Tensor): string | undefined {
  if (tensor.dtype === 'string') return undefined;
  const bytes = bytesOf(tensor);
  return bytes.length > 64 ? undefined : `${tensor.dtype}[${tensor.shape}]${bytes}`;
}
