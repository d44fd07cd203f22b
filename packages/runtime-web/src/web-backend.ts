/**
 * Backends in the page or worker that imports this: what an application ships. Nothing is isolated here, so a crash of
 * ONNX Runtime is a crash of its page; the driver (`@rheobase/runtime-web/driver`) gives each backend a browser of its
 * own instead.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { Backend, BackendId } from '@rheobase/runtime';
import { asBackend } from '@rheobase/runtime/host';
import { WEB_PROVIDERS, type WebProvider } from './engine/ort-build.js';
import { type WebEngineOptions, webEngine } from './engine/web-engine.js';

export interface WebBackendOptions extends WebEngineOptions {
  /** Default `web/` and the provider. */
  readonly id?: BackendId;
}

const REMEDY: Readonly<Record<WebProvider, string>> = {
  wasm: 'see that the .wasm file of onnxruntime-web is served, or name its place by wasmPaths',
  webgpu: 'use a browser and a GPU with WebGPU',
  webnn: 'use a browser with WebNN',
};

/**
 * ONNX Runtime with one execution provider, here. Nothing is loaded before it is first used. A model's `path` is a URL,
 * relative to the page's; its files with external data must be named (`externalLocations`). Runs of all sessions take
 * turns.
 * @throws RheobaseError `bad-input` for a provider that there is not.
 */
export function webBackend(provider: WebProvider, options: WebBackendOptions = {}): Backend {
  if (!WEB_PROVIDERS.includes(provider)) {
    throw badInput(`there is no provider ${provider} in a browser`, {
      remedy: `choose one of ${WEB_PROVIDERS.join(', ')}`,
    });
  }
  return asBackend(options.id ?? `web/${provider}`, webEngine(provider, options), REMEDY[provider]);
}
