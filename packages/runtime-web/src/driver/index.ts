export { BROWSER_BACKENDS, type BrowserBackendOptions, browserBackend } from './browser-backend.js';
export { type BrowserName, type FoundBrowser, findBrowser } from './find-browser.js';
export { type InstallBrowserOptions, installBrowser } from './install-browser.js';
