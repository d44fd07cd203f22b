/**
 * `npm run bench -w packages/sparsifier [-- layer|calibration|wide|silero] [--quick]`: measures the figures this package promises, and prints
 * each with its limit. Everything compared is measured in one run, in turns, so that what slows the machine down falls
 * on all alike; what counts is the median of the ratios, with a 95 % interval.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { benchCalibration } from './calibration-cost.js';
import { benchLayers } from './layer-speed.js';
import { benchSilero, writeSileroFrames } from './silero-vad.js';
import { benchWide } from './wide-model.js';

const [only = 'all', file = 'frames.npz'] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const quick = process.argv.includes('--quick');

if (only === 'frames') {
  // npm runs this in the package's folder; the file is meant to be where the command was typed.
  await writeSileroFrames(resolve(process.env.INIT_CWD ?? '.', file));
  process.exit();
}
const [load = 0] = loadavg();
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, load ${load.toFixed(1)}`,
);
if (load > 1) console.log('Something else is running: the intervals will be wide.');
if (only === 'all' || only === 'layer') await benchLayers(quick);
if (only === 'all' || only === 'calibration') await benchCalibration(quick);
if (only === 'all' || only === 'wide') await benchWide(quick);
if (only === 'all' || only === 'silero') await benchSilero(quick);
