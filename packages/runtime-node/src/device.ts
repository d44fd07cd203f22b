/** Names of the processor and the GPU, as far as the platform tells without a library. */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

export function cpuName(): string | null {
  return cpus()[0]?.model.trim() || null;
}

/** The GPU by name, null where nothing tells. With several, the one whose driver speaks up first. */
export function gpuName(): string | null {
  if (process.platform === 'darwin') return cpuName();
  return nvidiaName() ?? drmName();
}

/** The `Model:` line that NVIDIA's kernel driver publishes. */
function nvidiaName(): string | null {
  const folder = '/proc/driver/nvidia/gpus';
  for (const gpu of entries(folder)) {
    const model = /^Model:\s*(.+)$/m.exec(text(join(folder, gpu, 'information')))?.[1];
    if (model !== undefined) return model.trim();
  }
  return null;
}

/** PCI vendor numbers (pcisig.com) of those who make GPUs for Linux. */
const VENDORS: Readonly<Record<string, string>> = { '0x1002': 'AMD', '0x8086': 'Intel', '0x10de': 'NVIDIA' };

/** Vendor and device number of the kernel's first display device. */
function drmName(): string | null {
  const folder = '/sys/class/drm';
  for (const card of entries(folder).filter((name) => /^card\d+$/.test(name))) {
    const vendor = text(join(folder, card, 'device/vendor')).trim();
    const device = text(join(folder, card, 'device/device')).trim();
    if (vendor !== '') return `${VENDORS[vendor] ?? `PCI ${vendor}`} GPU ${device}`;
  }
  return null;
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
