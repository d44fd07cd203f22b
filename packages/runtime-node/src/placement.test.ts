/** Where nodes run, as ONNX Runtime's profile tells it. */
import type { Backend, NodePlacement } from '@rheobase/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { modelBytes, type NodeSpec } from '../test/models.js';
import { nodeBackend } from './node-backend.js';

const webgpu = nodeBackend('node/webgpu');
const hasWebgpu = (await webgpu.probe()).available;
const cpu = nodeBackend('node/cpu');
const wasm = nodeBackend('node/wasm');
afterAll(async () => {
  await Promise.all([webgpu, cpu, wasm].map((backend) => backend.close()));
});

/** Placement of a model over four floats after three runs, by operator. */
async function placement(
  backend: Backend,
  nodes: readonly NodeSpec[],
  opset = 21,
): Promise<ReadonlyMap<string, NodePlacement>> {
  const produced = nodes.flatMap(([, , outputs]) => outputs);
  const outputs = Object.fromEntries(
    produced.map((name) => [name, name === 'indices' ? (['int64', null] as const) : (['float32', null] as const)]),
  );
  const bytes = modelBytes({ inputs: { x: ['float32', [4]] }, outputs, nodes, opset });
  const session = await backend.open({ bytes }, { profile: true });
  for (let run = 0; run < 3; run += 1) {
    await session.run({ x: { dtype: 'float32', shape: [4], data: Float32Array.of(0, 2, 0, -1) } });
  }
  const { nodes: placed, incomplete } = await session.profile();
  await session.close();
  expect(incomplete).toBeNull();
  return new Map(placed.map((node) => [node.opType, node]));
}

const mixed: readonly NodeSpec[] = [
  ['ThresholdedRelu', ['x'], ['y']],
  ['NonZero', ['y'], ['indices']],
];

describe('placement', () => {
  it.each([
    ['node/cpu', cpu],
    ['node/wasm', wasm],
  ])('%s runs everything on the CPU', async (_id, backend) => {
    const placed = await placement(backend, mixed);
    expect(placed.get('ThresholdedRelu')).toMatchObject({ node: 'n0', provider: 'CPUExecutionProvider' });
    expect(placed.get('NonZero')).toMatchObject({ node: 'n1', provider: 'CPUExecutionProvider' });
    expect(placed.get('NonZero')?.ms).toBeGreaterThan(0);
  });

  it.runIf(hasWebgpu)('node/webgpu hands NonZero to the CPU, with a copy in between', async () => {
    const placed = await placement(webgpu, mixed);
    expect(placed.get('ThresholdedRelu')).toMatchObject({ node: 'n0', provider: 'WebGpuExecutionProvider' });
    expect(placed.get('NonZero')).toMatchObject({ node: 'n1', provider: 'CPUExecutionProvider' });
    expect([...placed.keys()].filter((opType) => opType.startsWith('Memcpy'))).not.toEqual([]);
  });

  it.runIf(hasWebgpu).each([
    [21, 'WebGpuExecutionProvider'],
    [22, 'CPUExecutionProvider'],
  ])('node/webgpu at opset %i runs ThresholdedRelu on %s', async (opset, provider) => {
    const placed = await placement(webgpu, [['ThresholdedRelu', ['x'], ['y']]], opset);
    expect(placed.get('ThresholdedRelu')?.provider).toBe(provider);
  });
});

describe('threads of node/wasm', () => {
  it('are those asked for, sessions that differ in them side by side', async () => {
    const bytes = modelBytes({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      nodes: [['Relu', ['x'], ['y']]],
    });
    const sessions = await Promise.all([1, 2].map((threads) => wasm.open({ bytes }, { threads })));
    const x = { dtype: 'float32', shape: [4], data: Float32Array.of(0, 2, 0, -1) } as const;
    for (const session of sessions) {
      expect((await session.run({ x })).outputs.y?.data).toEqual(Float32Array.of(0, 2, 0, 0));
      await session.close();
    }
  });

  it('cannot be changed within one process', async () => {
    const here = nodeBackend('node/wasm', { isolation: 'none' });
    const bytes = modelBytes({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      nodes: [['Relu', ['x'], ['y']]],
    });
    await here.open({ bytes }, { threads: 2 });
    expect(await here.probe()).toMatchObject({ implementation: 'onnxruntime-web wasm simd, 2 threads' });
    await expect(here.open({ bytes }, { threads: 1 })).rejects.toThrow('runs in 2 threads here, not in 1');
  });
});

it('isolation none refuses an output that would end the process', async () => {
  const here = nodeBackend('node/cpu', { isolation: 'none' });
  const bytes = modelBytes({
    inputs: { x: ['float32', [2]] },
    outputs: { y: ['int4', [2]] },
    nodes: [['Cast', ['x'], ['y'], { ints: { to: 22 } }]],
  });
  const session = await here.open({ bytes });
  const run = session.run({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
  await expect(run).rejects.toMatchObject({ code: 'unsupported' });
});
