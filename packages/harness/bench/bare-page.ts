/** A page with nothing in it but onnxruntime-web, in a browser of its own. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { findBrowser } from '@rheobase/runtime-web/driver';
import { chromium } from 'playwright-core';
import type { BareRuntime, BareWork } from './bare-runtime.js';

const TYPES: Readonly<Record<string, string>> = {
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const ORT = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
const GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

export async function barePage(backend: string, models: string): Promise<BareRuntime> {
  const [, provider] = backend.split('/');
  const build = provider === 'wasm' ? 'ort.wasm.min.mjs' : 'ort.webgpu.min.mjs';
  const threads = Math.min(4, availableParallelism());
  const page = `<!doctype html><script type="module">
    import * as ort from './ort/${build}';
    import { bareMs } from './bench/bare-work.js';
    ort.env.wasm.numThreads = ${threads};
    console.log = () => {};
    globalThis.measure = (work) => bareMs(ort, '${provider}', work);
  </script>`;
  const server = createServer(({ url = '/' }, response) => {
    const [, folder, name = ''] = url.split('/');
    const file = { ort: ORT, bench: import.meta.dirname, models }[folder];
    response.writeHead(200, { ...ISOLATION, 'Content-Type': TYPES[extname(name)] ?? 'text/html' });
    response.end(file === undefined ? page : readFileSync(join(file, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: (await findBrowser('chromium'))?.executablePath ?? '',
    args: provider === 'webgpu' ? GPU : ['--disable-gpu', '--disable-software-rasterizer'],
    chromiumSandbox: process.getuid?.() !== 0,
    // Playwright would close the browser and let this process live on.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    env: { ...process.env, TMPDIR: tmpdir() } as Record<string, string>,
  });
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await tab.waitForFunction('globalThis.measure !== undefined');
  return {
    measure: (work) => {
      const byUrl: readonly BareWork[] = work.map((one) => ({ ...one, path: `models/${basename(one.path)}` }));
      return tab.evaluate(`measure(${JSON.stringify(byUrl)})`);
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
