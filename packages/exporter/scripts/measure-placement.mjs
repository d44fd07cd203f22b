/**
 * Measures where the backends of this machine run every operator, and writes src/generated/placement-<version>.ts.
 *
 *     node scripts/measure-placement.mjs [--backends node/cpu,node/webgpu] [--operators Relu,Elu] [--print]
 *
 * Backends and operators that are not asked for, or not there, keep the rows they have. `--print` shows every result and writes
 * nothing. Packages are taken from their dist folders: build first.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measurePlacement } from '../dist/placement/index.js';

const NODE = ['node/cpu', 'node/wasm', 'node/webgpu'];
const BROWSER = ['chromium/wasm', 'chromium/webgpu'];

const { values } = parseArgs({
  options: { backends: { type: 'string' }, operators: { type: 'string' }, print: { type: 'boolean', default: false } },
});
const ids = values.backends?.split(',') ?? [...NODE, ...BROWSER];
const operators = values.operators?.split(',');

async function backendOf(id) {
  if (id.startsWith('node/')) return (await import('@rheobase/runtime-node')).nodeBackend(id);
  return (await import('@rheobase/runtime-web/driver')).browserBackend(id);
}

const measured = {};
let runtimeVersion = '';
for (const id of ids) {
  const backend = await backendOf(id);
  const availability = await backend.probe();
  if (!availability.available) {
    console.error(`${id}: ${availability.reason}`);
    continue;
  }
  runtimeVersion = availability.runtimeVersion;
  const started = performance.now();
  const { table, placements, failed, refused } = await measurePlacement(backend, {
    ...(operators === undefined ? {} : { operators }),
    onProgress: ({ done, total, probe, result }) => {
      if (values.print) console.log(id, probe.opType, probe.since, probe.dtype ?? 'any', describe(result));
      else if (done % 100 === 0 || done === total) console.error(`${id}: ${done} of ${total}`);
    },
  });
  measured[id] = table;
  await backend.close();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.error(`${id}: ${placements.length} measured, ${refused.length} refused, ${failed.length} not, ${seconds} s`);
  for (const [reason, probes] of grouped(failed)) {
    console.error(
      `  not measured: ${reason}: ${probes.map(({ opType, since, dtype }) => `${opType} ${since} ${dtype}`).join(', ')}`,
    );
  }
}

function grouped(failed) {
  const groups = new Map();
  for (const probe of failed) groups.set(probe.reason, [...(groups.get(probe.reason) ?? []), probe]);
  return groups;
}

function describe(result) {
  return result.outcome === 'ran'
    ? `${result.placement} (${result.kernels.join(' ')})`
    : `${result.outcome}: ${result.reason}`;
}

if (!values.print && Object.keys(measured).length > 0) {
  const version = runtimeVersion.split('.').slice(0, 2).join('.');
  const target = new URL(`../src/generated/placement-${version}.ts`, import.meta.url);
  const backends = await existing(version);
  for (const [id, rows] of Object.entries(measured)) backends[id] = sorted({ ...backends[id], ...rows });
  writeFileSync(target, moduleText(runtimeVersion, backends));
}

async function existing(version) {
  const built = new URL(`../dist/generated/placement-${version}.js`, import.meta.url);
  return existsSync(built) ? { ...(await import(built.href)).PLACEMENT.backends } : {};
}

function sorted(rows) {
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function moduleText(version, backends) {
  const blocks = Object.entries(backends).map(([id, rows]) => {
    const lines = Object.entries(rows).map(([opType, text]) => `      ${opType}: '${text}',`);
    return [`    '${id}': {`, ...lines, '    },'].join('\n');
  });
  return `// Measured by scripts/measure-placement.mjs. Do not edit.

import type { PlacementTable } from '../placement/table.js';

/** Who runs each operator of ai.onnx in ONNX Runtime ${version}. The form is told in placement/table.ts. */
export const PLACEMENT: PlacementTable = {
  runtimeVersion: '${version}',
  backends: {
${blocks.join('\n')}
  },
};
`;
}
