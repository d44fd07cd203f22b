/**
 * What process isolation costs: the time of `run` as the caller sees it, less the time that ONNX Runtime took, on a
 * model that only copies its input. `node bench/overhead.mjs`; the rows of one table are comparable with each other.
 */
import { buildModel, encodeModel, input, op } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';

const x = input('x', 'float32', ['n']);
const bytes = encodeModel(buildModel({ inputs: [x], outputs: { y: op.identity(x) } }));
const SIZES = [2, 16_384, 262_144, 16_777_216];

console.log('isolation  tensor      overhead of a run, median [10 %, 90 %]');
for (const isolation of ['none', 'process']) {
  const backend = nodeBackend('node/cpu', { isolation });
  const session = await backend.open({ bytes });
  for (const size of SIZES) {
    const feeds = { x: { dtype: 'float32', shape: [size], data: new Float32Array(size).fill(1) } };
    const runs = size > 1_000_000 ? 12 : 400;
    const overheads = [];
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      const { ms } = await session.run(feeds);
      overheads.push((performance.now() - start - ms) * 1000);
    }
    overheads.sort((a, b) => a - b);
    const at = (share) => Math.round(overheads[Math.floor(share * runs)]);
    console.log(`${isolation.padEnd(9)}  ${`${size * 4} B`.padEnd(10)}  ${at(0.5)} µs [${at(0.1)}, ${at(0.9)}]`);
  }
  await backend.close();
}
