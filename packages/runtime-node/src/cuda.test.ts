import { describe, expect, it } from 'vitest';
import { diagnose, installNodeCuda } from './cuda.js';
import { nodeBackend } from './node-backend.js';

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
const NOT_LOADED = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';

describe.runIf(isLinuxX64)('why node/cuda is missing', () => {
  it('libraries that were never installed', () => {
    expect(diagnose(NOT_LOADED, [], false)).toEqual({
      available: false,
      reason: 'onnxruntime-node was installed without its CUDA libraries',
      remedy: expect.stringMatching(/^rheobase doctor --install node\/cuda .*NVIDIA GPU/),
    });
  });

  it('a CUDA library that the system lacks', () => {
    const log =
      '2026-01-01 00:00:00.1 [E:onnxruntime:onnxruntime-node, provider_bridge_ort.cc:2146 Create] x.cc:1 FAIL : Failed to load library /a/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory';
    expect(diagnose(NOT_LOADED, [log], true)).toMatchObject({
      reason: 'the CUDA libraries of onnxruntime-node do not load: libcublasLt.so.12 is missing',
      remedy: 'install CUDA 12 and cuDNN 9',
    });
  });

  it('no GPU', () => {
    expect(diagnose('CUDA failure 100: no CUDA-capable device is detected', [], true)).toMatchObject({
      reason: 'CUDA failure 100: no CUDA-capable device is detected',
      remedy: expect.stringMatching('NVIDIA GPU'),
    });
  });
});

it('node/cuda answers its probe either way', async () => {
  const backend = nodeBackend('node/cuda');
  const availability = await backend.probe();
  if (availability.available) expect(availability.software).toBe(false);
  else expect(availability.reason).toMatch(/CUDA|cuda/);
  await backend.close();
});

describe.runIf(isLinuxX64)('installNodeCuda', () => {
  it('says so when the download cannot be reached, and passes on what the script prints', async () => {
    // A proxy that refuses every connection stands in for a network that is not there.
    const { GLOBAL_AGENT_HTTPS_PROXY, GLOBAL_AGENT_HTTP_PROXY } = process.env;
    process.env.GLOBAL_AGENT_HTTPS_PROXY = 'http://127.0.0.1:9';
    process.env.GLOBAL_AGENT_HTTP_PROXY = 'http://127.0.0.1:9';
    let printed = '';
    const onOutput = (text: string) => {
      printed += text;
    };
    try {
      const error = await installNodeCuda({ onOutput }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'failed' });
      expect(String(error)).toMatch(/node\/cuda: the CUDA libraries were not installed: .*cannot be reached/);
    } finally {
      setOrDelete('GLOBAL_AGENT_HTTPS_PROXY', GLOBAL_AGENT_HTTPS_PROXY);
      setOrDelete('GLOBAL_AGENT_HTTP_PROXY', GLOBAL_AGENT_HTTP_PROXY);
    }
    expect(printed).not.toBe('');
  });
});

function setOrDelete(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
