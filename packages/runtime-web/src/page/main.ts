/**
 * What runs in the driver's page: serves an engine to the Node process that opened the page. Requests are fetched by
 * long polling, and each reply travels with the poll for the next request, so a call costs one round trip.
 */
import { toPlainError } from '@rheobase/exporter/errors';
import { packFrame, type Reply, type Request, serve, unpackFrame } from '@rheobase/runtime/host';
import { webEngine } from '../engine/web-engine.js';
import { pageSettings } from './page-settings.js';

const IDLE = 204;

const { provider, threads } = pageSettings(new URL(location.href).searchParams);
const engine = webEngine(provider, { threads });
const handle = serve(engine);

/** A death between two calls is told at once, so that the next call need not find out. */
void engine.died.then((error) => fetch('died', { method: 'POST', body: packFrame(toPlainError(error)) }));

let reply: Reply | undefined;
for (;;) {
  const response = await fetch('exchange', { method: 'POST', body: reply === undefined ? null : packReply(reply) });
  reply = undefined;
  if (response.status === IDLE) continue;
  if (!response.ok) break;
  reply = await handle(unpackFrame(new Uint8Array(await response.arrayBuffer())) as Request);
}

/**
 * A reply that cannot be packed (memory has run out) becomes one that says so. It is sent as a blob because of who else
 * is watching: the driver's debugging protocol repeats every other body in its events, as text.
 */
function packReply(reply: Reply): Blob {
  try {
    return new Blob([packFrame(reply)]);
  } catch (error) {
    return new Blob([packFrame({ error: toPlainError(error) } satisfies Reply)]);
  }
}
