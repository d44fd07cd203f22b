/** Peak memory of the verifying process over 10, 100 and 1,000 cases, each in a process of its own. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resourceUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildModel, constant, encodeModel, input, op } from '@rheobase/exporter';
import { seededCases, verify } from '@rheobase/harness';
import { onScene } from './scene.js';

const CASES = [10, 100, 1000];
/** float32 elements of an output; 1,000 cases on two backends would be 512 MiB if they were kept. */
const OUTPUT = 65_536;
/** Growth allowed from the fewest cases to the most, which the rows of the report and the heap's slack take. */
const LIMIT_MIB = 64;

export async function benchMemory(): Promise<void> {
  const peaks = CASES.map((cases) => peakOf(cases) / 2 ** 20);
  for (const [i, cases] of CASES.entries()) console.log(`verify, ${cases} cases: peak ${peaks[i].toFixed(0)} MiB`);
  const growth = Math.max(...peaks) - peaks[0];
  const kept = (Math.max(...CASES) * OUTPUT * 4 * 2) / 2 ** 20;
  console.log(
    `  growth ${growth.toFixed(0)} MiB, limit ${LIMIT_MIB}; keeping outputs would take ${kept.toFixed(0)} MiB`,
  );
}

function peakOf(cases: number): number {
  const script = fileURLToPath(new URL('./memory-child.js', import.meta.url));
  return Number(execFileSync(process.execPath, [script, String(cases)], { encoding: 'utf8' }));
}

/** What the child does; answers the peak of its resident memory in bytes. */
export async function peakBytesOver(cases: number): Promise<number> {
  const x = input('x', 'float32', ['batch', 16]);
  const data = Float32Array.from({ length: 16 * OUTPUT }, (_, i) => Math.sin(i));
  const y = op.matMul(x, constant({ dtype: 'float32', shape: [16, OUTPUT], data }));
  const bytes = encodeModel(buildModel({ inputs: [x], outputs: { y } }));
  await onScene(['node/cpu', 'node/wasm'], async ({ backends }) => {
    await verify({
      models: [{ path: 'wide.onnx', source: { bytes } }],
      backends,
      baseline: 'node/cpu',
      runs: 0,
      cases: (model) => seededCases(model, { cases }),
    });
  });
  return peakResident();
}

function peakResident(): number {
  try {
    // On Linux `maxRSS` of a child begins at what its parent had; this does not.
    const [, kilobytes] = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+) kB/) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Another system.
  }
  return resourceUsage().maxRSS * 1024;
}
