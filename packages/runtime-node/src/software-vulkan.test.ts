import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findSoftwareVulkan } from './software-vulkan.js';

const root = mkdtempSync(join(tmpdir(), 'vulkan-test-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(...path: string[]): string {
  const full = join(root, ...path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, '');
  return full;
}

describe.runIf(process.platform === 'linux')('findSoftwareVulkan', () => {
  it('takes the manifest that RHEOBASE_VULKAN_ICD names before all others', () => {
    const icd = file('mine', 'other_icd.json');
    expect(findSoftwareVulkan({ RHEOBASE_VULKAN_ICD: icd, PATH: process.env.PATH })).toEqual({
      name: icd,
      icd,
      env: { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd },
    });
  });

  it('does not pass over one that is named and missing', () => {
    expect(() => findSoftwareVulkan({ RHEOBASE_VULKAN_ICD: '/no/icd.json' })).toThrow(
      'RHEOBASE_VULKAN_ICD names /no/icd.json, which does not exist',
    );
  });

  it('looks beside the browser that the path leads to, through links', () => {
    const icd = file('opt', 'browser', 'vk_swiftshader_icd.json');
    file('opt', 'browser', 'chrome-real');
    mkdirSync(join(root, 'bin'));
    symlinkSync(join(root, 'opt', 'browser', 'chrome-real'), join(root, 'bin', 'google-chrome'));
    expect(findSoftwareVulkan({ PATH: join(root, 'bin') })).toMatchObject({ name: 'SwiftShader', icd });
  });

  it("brings the browser's Vulkan loader along where there is one", () => {
    const icd = file('chromium', 'vk_swiftshader_icd.json');
    file('chromium', 'libvulkan.so.1');
    const found = findSoftwareVulkan({ RHEOBASE_VULKAN_ICD: icd, LD_LIBRARY_PATH: '/already/there' });
    expect(found?.env.LD_LIBRARY_PATH).toBe(`${join(root, 'chromium')}:/already/there`);
  });

  it("looks into Playwright's browsers", () => {
    const icd = file('browsers', 'chromium-1200', 'chrome-linux', 'vk_swiftshader_icd.json');
    const found = findSoftwareVulkan({ PATH: '', PLAYWRIGHT_BROWSERS_PATH: join(root, 'browsers') });
    // A browser in its usual folder comes first where this machine has one.
    expect(found?.icd === icd || found?.icd.startsWith('/usr') || found?.icd.startsWith('/opt')).toBe(true);
  });
});
