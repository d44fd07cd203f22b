/**
 * `npm run bench -w packages/trainer [-- tensorflow|step|epoch] [--quick]`: measures the speed this package promises, and
 * prints each figure with its limit. What is compared runs in one process, in turns and in one thread each, so that
 * what slows the machine down falls on all alike.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { benchEpoch } from './epoch-growth.js';
import { benchStep } from './step-cost.js';
import { benchTensorflow } from './tensorflow-ratio.js';

const [only = 'all'] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const rounds = process.argv.includes('--quick') ? 8 : 30;

const [load = 0] = loadavg();
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, load ${load.toFixed(1)}`,
);
if (load > 1) console.log('Something else is running: the intervals will be wide.');
if (only === 'all' || only === 'tensorflow') await benchTensorflow(rounds);
if (only === 'all' || only === 'step') await benchStep(rounds);
if (only === 'all' || only === 'epoch') await benchEpoch(rounds);
