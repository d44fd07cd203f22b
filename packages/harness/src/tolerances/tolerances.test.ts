import { DTYPES, dtypeKind } from '@rheobase/exporter/tensor';
import { describe, expect, it } from 'vitest';
import { arithmeticOf, defaultTolerance } from './default-tolerances.js';
import { EXACT } from './tolerance.js';
import { tolerancePolicy } from './tolerance-overrides.js';

describe('the default tolerance', () => {
  it('is exact for integers, booleans and strings on every provider', () => {
    for (const dtype of DTYPES.filter((d) => !['float', 'complex'].includes(dtypeKind(d)))) {
      expect(defaultTolerance(dtype, 'node/webgpu', 'node/cpu')).toEqual(EXACT);
    }
  });

  it('leaves room and gives a reason for every floating-point type', () => {
    for (const dtype of DTYPES.filter((d) => ['float', 'complex'].includes(dtypeKind(d)))) {
      const { rtol, ulp, reason } = defaultTolerance(dtype, 'node/wasm', 'node/cpu');
      expect(rtol + ulp).toBeGreaterThan(0);
      expect(reason).not.toBe('');
    }
  });

  it('is the wider of what the backend and the baseline may do, whichever is which', () => {
    const cpu = defaultTolerance('float32', 'node/wasm', 'node/cpu');
    const gpu = defaultTolerance('float32', 'chromium/webgpu', 'node/cpu');
    const cuda = defaultTolerance('float32', 'node/cuda', 'node/webgpu');
    expect(cpu.rtol).toBeLessThan(gpu.rtol);
    expect(gpu.rtol).toBeLessThan(cuda.rtol);
    expect(defaultTolerance('float32', 'node/cpu', 'chromium/webgpu')).toEqual(gpu);
  });

  it('lets only providers that may flush denormals do so', () => {
    expect(defaultTolerance('float32', 'chromium/wasm', 'node/cpu').denormals).toBe('exact');
    expect(defaultTolerance('float32', 'node/webgpu', 'node/cpu').denormals).toBe('flush');
  });

  it('gives an unknown provider the freedoms of a GPU', () => {
    expect(arithmeticOf('deno/abacus')).toBe('gpu');
  });
});

describe('overrides', () => {
  const question = { output: 'y', dtype: 'float32', backend: 'node/webgpu', baseline: 'node/cpu' } as const;

  it('one named distance sets the others to 0 and keeps the policies', () => {
    expect(tolerancePolicy({ all: { atol: 1e-3 } })(question)).toMatchObject({
      atol: 1e-3,
      rtol: 0,
      scale: 0,
      ulp: 0,
      denormals: 'flush',
      reason: 'as asked for',
    });
  });

  it('a policy alone keeps the distances', () => {
    const { rtol } = tolerancePolicy()(question);
    expect(tolerancePolicy({ all: { signedZero: 'mismatch' } })(question)).toMatchObject({
      rtol,
      signedZero: 'mismatch',
    });
  });

  it('an output by name goes before all', () => {
    const policy = tolerancePolicy({ all: { atol: 1 }, outputs: { y: { atol: 2 } } });
    expect(policy(question).atol).toBe(2);
    expect(policy({ ...question, output: 'z' }).atol).toBe(1);
  });
});
