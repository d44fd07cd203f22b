/** What runs in the driver's page: serves an engine to the Node process that opened the page. */
import { toPlainError } from '@rheobase/exporter/errors';
import { packFrame, type Reply, type Request, serve, unpackFrame } from '@rheobase/runtime/host';
import { fetchModel } from '../engine/fetch-model.js';
import { webEngine } from '../engine/web-engine.js';
import { keepingLast } from './last-model.js';
import { serveLink } from './page-link.js';
import { pageSettings } from './page-settings.js';

const { provider, threads } = pageSettings(new URL(location.href).searchParams);
const engine = webEngine(provider, { threads, resolve: keepingLast(fetchModel) });
const handle = serve(engine);

/** A death between two calls is told at once, so that the next call need not find out. */
void engine.died.then((error) => fetch('died', { method: 'POST', body: packFrame(toPlainError(error)) }));

serveLink(async (frame) => packReply(await handle(unpackFrame(frame) as Request)));

/** A reply that cannot be packed (memory has run out) becomes one that says so. */
function packReply(reply: Reply): Uint8Array<ArrayBuffer> {
  try {
    return packFrame(reply);
  } catch (error) {
    return packFrame({ error: toPlainError(error) } satisfies Reply);
  }
}
