/** onnxruntime-web in a page or worker as a host: one provider of one build. */
import { RheobaseError } from '@rheobase/exporter/errors';
import type { Available, SessionOptions } from '@rheobase/runtime';
import { type OrtHost, parseOrtProfile } from '@rheobase/runtime/host';
import type { InferenceSession } from 'onnxruntime-common';
import { fetchModel } from './fetch-model.js';
import { nameAdapter } from './gpu-adapter.js';
import type { WebProvider } from './ort-build.js';
import { type OrtRuntime, openFirst } from './ort-runtime.js';

/** ONNX Runtime's names of the providers in profiles. */
const KERNEL_PROVIDER: Readonly<Record<WebProvider, string>> = {
  wasm: 'CPUExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  webnn: 'WebNNExecutionProvider',
};

export interface WebHostOptions {
  /** WebNN's device; its own choice where left out. */
  readonly deviceType?: 'cpu' | 'gpu' | 'npu';
  /** Where a model comes from; `fetchModel` by default. */
  readonly resolve?: OrtHost['resolve'];
}

export interface WebHostParts extends WebHostOptions {
  readonly provider: WebProvider;
  /** Answers the running module; called with the options of the first session. */
  readonly start: (first: SessionOptions) => Promise<OrtRuntime>;
  /** Called when the GPU device of the sessions is lost, with the browser's message. */
  readonly onDeviceLost: (message: string) => void;
}

export function webHost({ provider, deviceType, resolve = fetchModel, start, onDeviceLost }: WebHostParts): OrtHost {
  let runtime: OrtRuntime | undefined;
  const running = (): OrtRuntime => {
    if (runtime === undefined) throw new Error('ONNX Runtime is used before it is loaded');
    return runtime;
  };
  let device: GPUDevice | undefined;

  return {
    provider: KERNEL_PROVIDER[provider],
    load: async (first) => {
      const started = await start(first);
      if (provider === 'webnn') await (await openFirst(started.ort, provider)).release();
      if (provider === 'webgpu') {
        // Never released: with its last session ONNX Runtime destroys the GPU device, and the next model's load would
        // pay for another one.
        await openFirst(started.ort, provider);
        device = (await started.ort.env.webgpu.device) as GPUDevice;
        void device.lost.then(({ message }) => onDeviceLost(message));
      }
      runtime = started;
      return started.ort;
    },
    sessionOptions: ({ threads, outputs }) => {
      if (threads !== undefined && threads !== running().threads) {
        throw new RheobaseError('unsupported', `WASM runs in ${running().threads} threads here, not in ${threads}`, {
          remedy: 'choose the threads of a page before its first session',
        });
      }
      return {
        executionProviders: [executionProvider(provider, deviceType)],
        ...(outputs === 'device' && provider === 'webgpu' ? { preferredOutputLocation: 'gpu-buffer' as const } : {}),
      };
    },
    deviceIdle: async () => device?.queue.onSubmittedWorkDone(),
    resolve,
    endProfile: async (session) => parseOrtProfile(running().tap.linesOf(() => session.endProfiling())),
    describe: async () => {
      const { ort, threads, build } = running();
      const threadCount = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      const kind = provider === 'wasm' ? 'wasm simd' : `${provider} (${build})`;
      const about: Omit<Available, 'available'> = {
        runtimeVersion: ort.env.versions.web ?? '',
        implementation: `onnxruntime-web ${kind}, ${threadCount}`,
        device: deviceType ?? null,
        software: false,
      };
      return device === undefined ? about : { ...about, ...nameAdapter(device.adapterInfo) };
    },
  };
}

function executionProvider(
  provider: WebProvider,
  deviceType: WebHostOptions['deviceType'],
): InferenceSession.ExecutionProviderConfig {
  if (provider === 'webnn' && deviceType !== undefined) return { name: 'webnn', deviceType };
  return provider;
}
