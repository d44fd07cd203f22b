import { expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { sketch } from '../../test/sketch.js';
import { temporaryPath } from '../../test/temporary-path.js';
import { modelInfo } from '../model/queries.js';
import { readModelFile, writeModelFile } from '../node/index.js';
import { withWeightsInside } from './weights-inside.js';

const model = sketch('input x float32 [2]\n constant w float32 [2] 2 3\n y = Mul(x, w)\n output y float32 [2]');
const feeds = { x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 1) } } as const;

it('takes weights out of their file into the model, which then runs anywhere', async () => {
  const path = temporaryPath('m.onnx');
  await writeModelFile(path, model, { externalData: { threshold: 1 } });
  const read = await readModelFile(path);
  expect(modelInfo(read).externalLocations).toHaveLength(1);
  const whole = withWeightsInside(read);
  expect(modelInfo(whole).externalLocations).toEqual([]);
  expect((await runOnCpu(whole, feeds)).y?.data).toEqual(Float32Array.of(2, 3));
});

it('leaves a model that has them inside as it is', () => {
  expect(withWeightsInside(model)).toBe(model);
});
