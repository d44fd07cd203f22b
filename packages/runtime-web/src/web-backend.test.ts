/** The library as a page uses it: imported by an import map, without a driver between the page and ONNX Runtime. */

import type { Tensor } from '@rheobase/exporter/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executablePath, missing, PATIENCE_MS, unless } from '../test/chromium.js';
import { identityModel } from '../test/models.js';
import { adaptersInOrder, chromiumFlags } from './driver/chromium-flags.js';
import { connectPage, type PageConnection } from './driver/page-connection.js';
import type { WebProvider } from './engine/ort-build.js';
import { webBackend } from './web-backend.js';

declare global {
  /** In the page, where a script of the test puts it. */
  var library: { readonly webBackend: typeof webBackend };
}
const SCRIPT = "import * as library from '@rheobase/runtime-web'; globalThis.library = library;";

describe.skipIf(missing)(`webBackend in a page${unless}`, { timeout: PATIENCE_MS }, () => {
  let connection: PageConnection;
  const bytes = [...identityModel('float32', [1])];

  beforeAll(async () => {
    const flags = chromiumFlags('webgpu', adaptersInOrder('webgpu').at(-1) ?? 'none');
    const launch = { name: 'chromium', executablePath, flags, timeoutMs: PATIENCE_MS } as const;
    connection = await connectPage(launch, { provider: 'wasm', threads: 1 });
    await connection.browser.page.addScriptTag({ type: 'module', content: SCRIPT });
    await connection.browser.page.waitForFunction(() => globalThis.library !== undefined);
  }, PATIENCE_MS);
  afterAll(() => connection?.kill());

  it.each(['wasm', 'webgpu'] as const)(
    '%s answers calls made at once, which a suspended module would not',
    async (provider) => {
      const work = async ({ provider, bytes }: { provider: WebProvider; bytes: readonly number[] }) => {
        const backend = library.webBackend(provider);
        const model = { bytes: Uint8Array.from(bytes) };
        const sessions = await Promise.all([
          backend.open(model),
          backend.open(model, { profile: true }),
          backend.probe(),
        ]);
        const runs = [1, 2, 3, 4].map(async (value) => {
          const session = value % 2 === 0 ? sessions[0] : sessions[1];
          const { outputs } = await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(value) } });
          return (outputs.y as Tensor<'float32'>).data[0];
        });
        const values = await Promise.all(runs);
        const { nodes } = await sessions[1].profile();
        await Promise.all([sessions[0].close(), sessions[1].close()]);
        return { id: backend.id, values, available: sessions[2].available, profiled: nodes.length };
      };
      expect(await connection.browser.page.evaluate(work, { provider, bytes })).toEqual({
        id: `web/${provider}`,
        values: [1, 2, 3, 4],
        available: true,
        profiled: 1,
      });
    },
  );

  it('tells what it cannot do: another number of threads, a model that is not there', async () => {
    const work = async (bytes: number[]) => {
      const backend = library.webBackend('wasm');
      const session = await backend.open({ bytes: Uint8Array.from(bytes) });
      const failures = [
        backend.open({ bytes: Uint8Array.from(bytes) }, { threads: 97 }),
        backend.open({ path: 'no-such-model.onnx' }),
      ].map((opening) =>
        opening.then(
          () => '',
          (error: Error & { code?: string }) => `${error.code} ${error.message}`,
        ),
      );
      const told = await Promise.all(failures);
      await session.close();
      return { told, log: console.log.toString() };
    };
    const { told, log } = await connection.browser.page.evaluate(work, bytes);
    expect(told[0]).toMatch(/^unsupported WASM runs in \d+ threads? here, not in 97; choose the threads of a page/);
    expect(told[1]).toMatch(/^bad-input .*no-such-model\.onnx: it cannot be fetched: the server answers 404$/);
    // The console is the page's own again.
    expect(log).toContain('[native code]');
  });
});

it('refuses a provider that no browser has, and one that this environment lacks', async () => {
  expect(() => webBackend('cuda' as 'wasm')).toThrow(/there is no provider cuda in a browser; choose one of wasm/);
});
