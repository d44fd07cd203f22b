/** A page in a browser of its own as a connection: requests go to it as frames over its server. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { badInput, type PlainError, RheobaseError } from '@rheobase/exporter/errors';
import { confinedPath, externalLocations, readModelFile } from '@rheobase/exporter/node';
import type { ModelSource } from '@rheobase/runtime';
import { type Connection, packFrame, type Reply, type Request, unpackFrame, withTimeout } from '@rheobase/runtime/host';
import { type PageSettings, pageQuery } from '../page/page-settings.js';
import { type Browser, type LaunchOptions, launchBrowser } from './browser.js';
import { type PageServer, type SharedFiles, startPageServer } from './page-server.js';

export interface PageConnection extends Connection {
  readonly browser: Browser;
}

/**
 * @throws RheobaseError `unavailable` where the browser or its page does not come up, `timeout` where it does not in
 *   time, which is the launch's; nothing is left of it then.
 */
export async function connectPage(launch: LaunchOptions, settings: PageSettings): Promise<PageConnection> {
  const deadline = performance.now() + launch.timeoutMs;
  let death: RheobaseError | undefined;
  let abandon: (error: RheobaseError) => void = () => {};
  const ended = new Promise<RheobaseError>((resolve) => {
    abandon = (error) => {
      death ??= error;
      resolve(death);
    };
  });
  const server = await startPageServer({
    onDeath: (frame) => abandon(crash(unpackFrame(frame) as PlainError)),
    onMissing: (path) => abandon(new RheobaseError('unavailable', `the page does not load: ${path} is missing`)),
  });
  let browser: Browser;
  try {
    browser = await launchBrowser(launch);
  } catch (error) {
    await server.close();
    throw error;
  }
  void browser.ended.then((what) => abandon(new RheobaseError('crashed', what)));
  const kill = async (): Promise<void> => {
    abandon(new RheobaseError('crashed', 'the browser was closed'));
    await Promise.all([browser.close(), server.close()]);
  };
  try {
    const loaded = Promise.race([loadPage(browser, server, settings), rejecting(ended)]);
    await withTimeout(loaded, Math.max(deadline - performance.now(), 0), 'did not load its page within');
  } catch (error) {
    await kill();
    throw error;
  }

  const exchange = async (request: Request): Promise<Reply> => {
    if (death !== undefined) throw death;
    const frame = await Promise.race([server.exchange(packFrame(request)), rejecting(ended)]);
    const reply = unpackFrame(frame) as Reply;
    // A page whose ONNX Runtime has died answers, but is of no more use.
    if ('error' in reply && reply.error.code === 'crashed') throw crash(reply.error);
    return reply;
  };
  return {
    browser,
    ended,
    kill,
    send: async (request) => {
      if (request.method === 'probe') return withBrowserFacts(await exchange(request), launch.name, browser.version);
      if (request.method !== 'open' || 'bytes' in request.params.model) return exchange(request);
      const { model, files } = await shareModel(server, request.params.model);
      try {
        return await exchange({ method: 'open', params: { ...request.params, model } });
      } finally {
        files.end();
      }
    },
  };
}

async function loadPage({ page }: Browser, server: PageServer, settings: PageSettings): Promise<void> {
  const broken = new Promise<never>((_, reject) => {
    page.on('pageerror', ({ message }) => {
      reject(new RheobaseError('unavailable', `the page does not load: ${message}`));
    });
  });
  await Promise.race([
    page.goto(`${server.url}?${pageQuery(settings)}`, { timeout: 0 }).then(() => server.ready),
    broken,
  ]);
}

/** What the page would advise its user is done here: another page. */
function crash({ what }: PlainError): RheobaseError {
  return new RheobaseError('crashed', what);
}

async function rejecting(error: Promise<RheobaseError>): Promise<never> {
  throw await error;
}

/** The browser tells the page neither its full version nor the processor. */
function withBrowserFacts(reply: Reply, name: string, version: string): Reply {
  if ('error' in reply || reply.result === null || !('implementation' in reply.result)) return reply;
  const { result } = reply;
  const device = result.device ?? cpus()[0]?.model.trim() ?? null;
  return { result: { ...result, device, versions: { ...result.versions, [name]: version } } };
}

/** Lets the page fetch a model file and what belongs to it. */
async function shareModel(
  server: PageServer,
  source: Extract<ModelSource, { path: string }>,
): Promise<{ model: ModelSource; files: SharedFiles }> {
  const path = resolve(source.path);
  if (!existsSync(path)) throw badInput('the file does not exist', { where: source.path });
  const locations = source.externalLocations ?? (await locationsIn(path));
  const name = basename(path);
  const files = server.share([
    { name, path },
    ...locations.map((location) => ({ name: location, path: confinedPath(dirname(path), location) })),
  ]);
  return { model: { path: files.folder + encodeURIComponent(name), externalLocations: locations }, files };
}

/** What cannot be decoded is left to ONNX Runtime to refuse. */
async function locationsIn(path: string): Promise<readonly string[]> {
  try {
    return externalLocations(await readModelFile(path));
  } catch (error) {
    if (error instanceof RheobaseError && /external data/.test(error.message)) throw error;
    return [];
  }
}
