/**
 * What runs in the driver's page: serves an engine to the Node process that opened the page. Requests are fetched by
 * long polling, and each reply travels with the poll for the next request, so a call costs one round trip.
 */
import { toPlainError } from '@rheobase/exporter/errors';
import { packFrame, type Reply, type Request, serve, unpackFrame } from '@rheobase/runtime/host';
import { webEngine } from '../engine/web-engine.js';
import { pageSettings } from './page-settings.js';

const IDLE = 204;
const SMALL_BYTES = 32 * 1024;

const { provider, threads } = pageSettings(new URL(location.href).searchParams);
const engine = webEngine(provider, { threads });
const handle = serve(engine);

/** A death between two calls is told at once, so that the next call need not find out. */
void engine.died.then((error) => fetch('died', { method: 'POST', body: packFrame(toPlainError(error)) }));

let reply: Reply | undefined;
for (;;) {
  const response = await fetch('exchange', {
    method: 'POST',
    body: reply === undefined ? null : bodyOf(packReply(reply)),
  });
  reply = undefined;
  if (response.status === IDLE) continue;
  if (!response.ok) break;
  reply = await handle(unpackFrame(new Uint8Array(await response.arrayBuffer())) as Request);
}

/**
 * The driver's debugging protocol repeats bodies in its events, as text, which costs many times what sending them does;
 * it leaves out blobs, which cost a little more where a body is small.
 */
function bodyOf(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | Blob {
  return frame.length < SMALL_BYTES ? frame : new Blob([frame]);
}

/** A reply that cannot be packed (memory has run out) becomes one that says so. */
function packReply(reply: Reply): Uint8Array<ArrayBuffer> {
  try {
    return packFrame(reply);
  } catch (error) {
    return packFrame({ error: toPlainError(error) } satisfies Reply);
  }
}
