/**
 * `npm run bench -w packages/harness [-- speed|growth|memory|self] [--quick] [--backends a,b]`: measures what this package promises, and
 * prints each figure with its limit. What is compared is measured in one run, by turns, so that what slows the machine
 * down falls on all alike.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchGrowth } from './growth.js';
import { benchMemory } from './memory.js';
import { benchSelf } from './self.js';
import { benchSpeed } from './speed.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, backends: { type: 'string' } },
});
const [only = 'all'] = positionals;
/** Two in Node on the processor, one in a browser, and one GPU provider (in software where there is no GPU). */
const backends = values.backends?.split(',') ?? ['node/cpu', 'node/wasm', 'chromium/wasm', 'node/webgpu'];

const [load = 0] = loadavg();
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
console.log(`${machine}, load ${load.toFixed(1)}`);
if (load > 1) console.log('Something else is running: the intervals will be wide.');
if (only === 'all' || only === 'speed') await benchSpeed(backends, values.quick ? 2 : 5);
if (only === 'all' || only === 'growth') await benchGrowth(backends, values.quick ? 1 : 3);
if (only === 'all' || only === 'memory') await benchMemory();
if (only === 'all' || only === 'self') await benchSelf(values.backends?.split(',') ?? backends.slice(0, 3), 20);
