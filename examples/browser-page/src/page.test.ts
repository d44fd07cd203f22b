/** The built page in a real browser: in a worker, bundled by Vite, with and without the headers that allow threads. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findBrowser } from '@rheobase/runtime-web/driver';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NEURONS, stimulus } from './neurons.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const found = await findBrowser('chromium');
if (found === undefined && process.env.CI === 'true') throw new Error('there is no Chromium on this machine');

/** By the definition: strictly greater than θ, as float32. */
function firing(theta: number): number {
  return stimulus().filter((x) => x > Math.fround(theta) && x !== 0).length;
}

describe.skipIf(found === undefined)(
  `the page${found === undefined ? ' (skipped: no Chromium found; name one in RHEOBASE_CHROMIUM)' : ''}`,
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    let isolated: PreviewServer;
    let plain: PreviewServer;
    beforeAll(async () => {
      if (!existsSync(`${root}/dist/index.html`)) throw new Error('the page is not built; run npm run build');
      browser = await chromium.launch({
        ...(found === undefined ? {} : { executablePath: found.executablePath }),
        chromiumSandbox: process.getuid?.() !== 0,
        args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
      });
      const place = { host: '127.0.0.1', port: 0 };
      isolated = await preview({ root, logLevel: 'silent', preview: place });
      plain = await preview({ root, configFile: false, logLevel: 'silent', preview: place });
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await isolated?.close();
      await plain?.close();
    });

    const visit = async (server: PreviewServer, width = 390): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width, height: 780 } });
      await page.goto(server.resolvedUrls?.local[0] ?? '');
      return page;
    };
    const outcomeOf = async (page: Page, text: RegExp): Promise<string> => {
      const outcome = page.locator('#outcome', { hasText: text });
      await outcome.waitFor({ timeout: 150_000 });
      return (await outcome.textContent()) ?? '';
    };

    it('runs in threads where it is isolated, and counts what fires as the threshold is turned', async () => {
      const page = await visit(isolated);
      expect(await outcomeOf(page, /fire/)).toContain(`${firing(0.2)} of ${NEURONS} neurons fire`);
      const threads = Math.min(4, cpus().length);
      expect(await page.textContent('#backend')).toContain(`wasm simd, ${threads} thread`);
      await page.fill('#theta', '-0.5');
      await outcomeOf(page, new RegExp(`^${firing(-0.5)} of`));
      await page.fill('#theta', '1');
      await outcomeOf(page, /^0 of/);
      expect(await page.locator('#chart rect.fires').count()).toBe(0);
      // Readable on a phone: nothing sticks out of its width.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await page.close();
    });

    it('runs by WebGPU', async () => {
      const page = await visit(isolated);
      await outcomeOf(page, /fire/);
      await page.check('input[value=webgpu]');
      await page.locator('#backend', { hasText: 'webgpu' }).waitFor({ timeout: 150_000 });
      expect(await outcomeOf(page, /fire/)).toContain(`${firing(0.2)} of ${NEURONS} neurons fire`);
      await page.close();
    });

    it('runs in one thread where it is not isolated', async () => {
      const page = await visit(plain);
      expect(await outcomeOf(page, /fire/)).toContain(`${firing(0.2)} of ${NEURONS} neurons fire`);
      expect(await page.textContent('#backend')).toContain('wasm simd, 1 thread');
      await page.close();
    });
  },
);
