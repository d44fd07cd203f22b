/** The identity of a case's feeds by content, so that a run is recognised whoever asks for it. */
import { createHash } from 'node:crypto';
import { bytesOf } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';

export function feedsDigest(feeds: Feeds): string {
  const hash = createHash('sha256');
  for (const [name, tensor] of Object.entries(feeds).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, tensor.dtype, tensor.shape]));
    hash.update(tensor.dtype === 'string' ? JSON.stringify(tensor.data) : bytesOf(tensor));
  }
  return hash.digest('hex');
}
