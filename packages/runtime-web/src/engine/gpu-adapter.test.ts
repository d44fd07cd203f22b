import { describe, expect, it } from 'vitest';
import { nameAdapter } from './gpu-adapter.js';

const info = (fields: Partial<GPUAdapterInfo>): GPUAdapterInfo =>
  ({ vendor: '', architecture: '', device: '', description: '', ...fields }) as GPUAdapterInfo;

describe('nameAdapter', () => {
  it.each<[Partial<GPUAdapterInfo>, device: string, software: boolean]>([
    [{ vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA A10G' }, 'NVIDIA A10G', false],
    [{ vendor: 'apple', architecture: 'common-3' }, 'apple common-3', false],
    [{ vendor: 'google', architecture: 'swiftshader' }, 'google swiftshader', true],
    [{ vendor: 'mesa', description: 'llvmpipe (LLVM 15)' }, 'llvmpipe (LLVM 15)', true],
    [{ vendor: 'microsoft', isFallbackAdapter: true }, 'microsoft', true],
    [{}, 'a GPU that the browser does not name', false],
  ])('%o is %s', (fields, device, software) => {
    expect(nameAdapter(info(fields))).toEqual({ device, software });
  });
});
