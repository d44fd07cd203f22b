/** The built page in a real browser: MNIST trained in a worker, by both providers, its loss drawn. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findBrowser } from '@rheobase/runtime-web/driver';
import { type Browser, chromium } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const found = await findBrowser('chromium');
if (found === undefined && process.env.CI === 'true') throw new Error('there is no Chromium on this machine');

describe.skipIf(found === undefined)(
  `training in a page${found === undefined ? ' (skipped: no Chromium found; name one in RHEOBASE_CHROMIUM)' : ''}`,
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    let server: PreviewServer;
    beforeAll(async () => {
      if (!existsSync(`${root}/dist/index.html`)) throw new Error('the page is not built; run npm run build');
      browser = await chromium.launch({
        ...(found === undefined ? {} : { executablePath: found.executablePath }),
        chromiumSandbox: process.getuid?.() !== 0,
        args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
      });
      server = await preview({ root, logLevel: 'silent', preview: { host: '127.0.0.1', port: 0 } });
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    // A software GPU is slow: fewer images for it. The curve has a point for every 32 steps, and for an epoch's rest.
    it.each([
      { provider: 'wasm', images: 2000, epochs: 2, points: 6, accuracy: 70 },
      { provider: 'webgpu', images: 320, epochs: 3, points: 3, accuracy: 35 },
    ])('$provider: the loss falls', async ({ provider, images, epochs, points, accuracy }) => {
      const page = await browser.newPage({ viewport: { width: 390, height: 780 } });
      await page.goto(server.resolvedUrls?.local[0] ?? '');
      await page.selectOption('#provider', provider);
      await page.fill('#images', String(images));
      await page.fill('#epochs', String(epochs));
      await page.click('#start');
      const outcome = page.locator('#outcome', { hasText: /^Trained|rror|not/ });
      await outcome.waitFor({ timeout: 150_000 });
      const text = (await outcome.textContent()) ?? '';
      expect(text).toMatch(/^Trained: [\d.]+ % of the test images, [\d.]+ % of the neurons silent/);
      expect(Number(/[\d.]+/.exec(text)?.[0])).toBeGreaterThan(accuracy);
      expect(await page.textContent('#backend')).toContain(provider);
      const line = (await page.getAttribute('#curve polyline', 'points')) ?? '';
      const heights = line.split(' ').map((point) => Number(point.split(',')[1]));
      expect(heights).toHaveLength(points);
      // Downwards in an SVG is a greater y.
      expect(heights.at(-1)).toBeGreaterThan(heights[0] + 20);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await page.close();
    });
  },
);
