/** A program that is in the middle of a long run in a browser: prints `ready` when it is. */
import { buildModel, encodeModel, input, op } from '@rheobase/exporter';
import { browserBackend } from '@rheobase/runtime-web/driver';

const SIZE = 1024;
const x = input('x', 'float32', [SIZE, SIZE]);
let y = op.matMul(x, x);
for (let product = 0; product < 500; product += 1) y = op.matMul(y, x);
const bytes = encodeModel(buildModel({ inputs: [x], outputs: { y } }));

const session = await browserBackend('chromium/wasm').open({ bytes }, { optimization: 'disabled' });
const run = session.run({ x: { dtype: 'float32', shape: [SIZE, SIZE], data: new Float32Array(SIZE * SIZE) } });
console.log('ready');
await run;
