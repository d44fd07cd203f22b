/** Finding 19: one Conv along one axis, over 129 channels. `npx rheobase export docs/findings/conv-of-129-channels.mjs -o conv.onnx` */
import { buildModel, constant, input, op, random, tensor } from '@rheobase/exporter';

const [CHANNELS, FILTERS, WIDTH] = [129, 4, 3];
const stream = random(1, 'weights');
const weights = Float32Array.from({ length: FILTERS * CHANNELS * WIDTH }, () => stream.uniform() - 0.5);

const x = input('x', 'float32', [1, CHANNELS, 3]);
const w = constant(tensor('float32', [FILTERS, CHANNELS, WIDTH], weights), 'w');
export default buildModel({ inputs: [x], outputs: { y: op.conv(x, w, undefined, { pads: [1, 1] }) } });
