/**
 * Backends in a real browser, driven from Node. Each connection has a browser of its own: a page that crashes takes
 * none of its neighbours along, but a GPU process does, and after a second crash of it Chromium gives no page WebGPU
 * any more. Sessions with different numbers of threads go to different browsers, since a page's WASM has one thread pool.
 */
import { availableParallelism } from 'node:os';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Backend, BackendId } from '@rheobase/runtime';
import { type Connection, remoteBackend, withTimeout } from '@rheobase/runtime/host';
import { WEB_PROVIDERS, type WebProvider } from '../engine/ort-build.js';
import { defaultThreads } from '../engine/threads.js';
import { type Adapter, adaptersInOrder, chromiumFlags } from './chromium-flags.js';
import { BROWSER_NAMES, type BrowserName, browserVariable, findBrowser } from './find-browser.js';
import { connectPage, type PageConnection } from './page-connection.js';

export interface BrowserBackendOptions {
  /** The browser to start; the one that `findBrowser` finds where left out. */
  readonly executablePath?: string;
  /** Threads of WASM for sessions that ask for none; default: every core up to 4. */
  readonly threads?: number;
  /**
   * Time allowed for the browser to start, and then for the probe, in ms; default 120,000: on a busy machine without a
   * GPU, WebGPU takes its time.
   */
  readonly startTimeoutMs?: number;
}

interface Identity {
  readonly id: BackendId;
  readonly name: BrowserName;
  readonly provider: WebProvider;
}

/** The browser backends that are shown where nobody asks for others. */
export const BROWSER_BACKENDS: readonly BackendId[] = ['chromium/wasm', 'chromium/webgpu', 'chromium/webnn'];

/**
 * A browser and a provider: `chromium/wasm`, `chromium/webgpu`, `chromium/webnn`, `firefox/wasm`, `webkit/wasm`, … No
 * browser is started before the backend is first used; `close` ends it.
 * @throws RheobaseError `bad-input` for an id that is no such pair.
 */
export function browserBackend(id: BackendId, options: BrowserBackendOptions = {}): Backend {
  const identity = parseId(id);
  const { threads = defaultThreads(availableParallelism()), startTimeoutMs = 120_000 } = options;
  return remoteBackend({
    id,
    remedy: remedyFor(identity),
    startTimeoutMs,
    laneOf: (session) => String(session.threads ?? threads),
    connect: connector(identity, options),
  });
}

function parseId(id: BackendId): Identity {
  const [name, provider, ...rest] = id.split('/');
  const known = BROWSER_NAMES.includes(name as BrowserName) && WEB_PROVIDERS.includes(provider as WebProvider);
  if (known && rest.length === 0) return { id, name: name as BrowserName, provider: provider as WebProvider };
  throw badInput('there is no such backend in a browser', {
    where: id,
    remedy: `join one of ${BROWSER_NAMES.join(', ')} and one of ${WEB_PROVIDERS.join(', ')} by a slash`,
  });
}

function remedyFor({ name, provider }: Identity): string | null {
  if (provider === 'wasm') return null;
  return `use a ${name} with ${provider === 'webgpu' ? 'WebGPU' : 'WebNN'} on this platform`;
}

/** Connects with the best adapter that the browser really offers; later connections get that one at once. */
function connector({ id, name, provider }: Identity, { executablePath }: BrowserBackendOptions) {
  let adapters = name === 'chromium' ? adaptersInOrder(provider) : (['none'] as const);
  return async (lane: string, timeoutMs: number): Promise<Connection> => {
    const deadline = performance.now() + timeoutMs;
    const left = (): number => Math.max(deadline - performance.now(), 0);
    const executable = executablePath ?? (await findBrowser(name))?.executablePath;
    if (executable === undefined) {
      throw new RheobaseError('unavailable', `there is no ${name} on this machine`, {
        remedy: `rheobase doctor --install ${id}, or name one in ${browserVariable(name)}`,
      });
    }
    const start = (adapter: Adapter) => {
      const flags = name === 'chromium' ? chromiumFlags(provider, adapter) : [];
      const launch = { name, executablePath: executable, flags, timeoutMs: left() };
      return connectPage(launch, { provider, threads: Number(lane) });
    };
    for (const adapter of adapters) {
      const connection = await start(adapter);
      if (adapter === adapters.at(-1) || (await offersWebGpu(connection, left()))) {
        adapters = [adapter];
        return connection;
      }
      await connection.kill();
    }
    throw new Error('there is no adapter to try');
  };
}

/** Whether the page gets a GPU adapter; asked before the last resort, whose own failure says more. */
async function offersWebGpu({ browser, kill }: PageConnection, timeoutMs: number): Promise<boolean> {
  const asked = browser.page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    return adapter !== null && adapter !== undefined;
  });
  try {
    return await withTimeout(asked, timeoutMs);
  } catch (error) {
    await kill();
    throw error;
  }
}
