/**
 * The browser that tests run in. Where a Chromium backend is required (`RHEOBASE_REQUIRE`, set in CI) a missing one is a failure;
 * elsewhere its tests are skipped, and say why.
 */
import { findBrowser } from '../src/driver/find-browser.js';

const found = await findBrowser('chromium');
const isRequired = process.env.CI === 'true' || /\bchromium\//.test(process.env.RHEOBASE_REQUIRE ?? '');
if (found === undefined && isRequired) throw new Error('there is no Chromium on this machine');

export const executablePath = found?.executablePath ?? '';
export const missing = found === undefined;
/** For the titles of what a missing browser skips. */
export const unless = missing ? ' (skipped: no Chromium found; name one in RHEOBASE_CHROMIUM)' : '';
/** A browser starts in a second, but not on a machine with twenty times more work than cores. */
export const PATIENCE_MS = 180_000;
