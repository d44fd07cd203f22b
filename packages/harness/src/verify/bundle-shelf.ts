/** The folder of reduced divergences: the first lies in it, further ones in folders named by their model and backend. */
import { basename, join } from 'node:path';
import { type Bundle, writeBundle } from '../reduce/index.js';

export class BundleShelf {
  private readonly places = new Map<string, string>();

  constructor(private readonly folder: string) {}

  /** Whether a divergence of this model on this backend is there already: one of each is enough. */
  has(model: string, backend: string): boolean {
    return this.places.has(keyOf(model, backend));
  }

  /** Answers where the bundle lies. */
  async add(model: string, backend: string, bundle: Bundle): Promise<string> {
    const name = `${basename(model).replace(/\.onnx$/, '')}-${backend}`.replace(/[^\w.-]+/g, '-');
    const place = this.places.size === 0 ? this.folder : join(this.folder, name);
    this.places.set(keyOf(model, backend), place);
    await writeBundle(place, bundle);
    return place;
  }
}

function keyOf(model: string, backend: string): string {
  return JSON.stringify([model, backend]);
}
