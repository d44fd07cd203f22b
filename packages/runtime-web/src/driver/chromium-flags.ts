/** Command line flags of Chromium, beyond those that Playwright sets (no first run, no updates, no throttling). */
import { hasGpu } from '@rheobase/runtime/node';
import type { WebProvider } from '../engine/ort-build.js';

/** Which GPU adapter the browser is started for; `none` where the provider needs none. */
export type Adapter = 'none' | 'hardware' | 'software';

const QUIET = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

const FLAGS: Readonly<Record<Adapter, readonly string[]>> = {
  // Without a GPU process there is nothing to draw with, and nothing that it could take along.
  none: ['--disable-gpu', '--disable-software-rasterizer'],
  // On Linux, Chromium offers WebGPU through Vulkan, and on request only.
  hardware: ['--enable-unsafe-webgpu', ...(process.platform === 'linux' ? ['--enable-features=Vulkan'] : [])],
  // What Chromium's watchdog takes for a hung GPU process is a slow one here.
  software: [
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--disable-gpu-watchdog',
  ],
};

export function chromiumFlags(provider: WebProvider, adapter: Adapter): readonly string[] {
  const webnn = provider === 'webnn' ? ['--enable-features=WebMachineLearningNeuralNetwork'] : [];
  return [...QUIET, ...FLAGS[adapter], ...webnn];
}

/** The adapters to try, the best first. */
export function adaptersInOrder(provider: WebProvider): readonly Adapter[] {
  if (provider !== 'webgpu') return ['none'];
  return hasGpu() ? ['hardware', 'software'] : ['software'];
}
