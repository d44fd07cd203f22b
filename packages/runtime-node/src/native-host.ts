/** onnxruntime-node as a host: native code, one shared library, every provider in it or beside it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RheobaseError } from '@rheobase/exporter/errors';
import type { ModelSource } from '@rheobase/runtime';
import { type OrtHost, type OrtModule, parseOrtProfile, type ResolvedModel } from '@rheobase/runtime/host';
import { hasGpu } from '@rheobase/runtime/node';
import type { BackendRow } from './backend-table.js';
import type { EngineOptions } from './create-engine.js';
import { cpuName, gpuName } from './device.js';

const RUNS_ON_CPU = 'cpu';

/** Asked for `preferredOutputLocation: 'gpu-buffer'`, version 1.30 ends the process with an uncaught C++ exception. */
function noDeviceOutputs(): RheobaseError {
  return new RheobaseError('unsupported', 'onnxruntime-node cannot leave outputs on the device', {
    remedy: 'measure that in a browser, e.g. on chromium/webgpu',
  });
}

export function nativeHost(row: BackendRow, { scratch, softwareDriver, ownProcess }: EngineOptions): OrtHost {
  const { provider, kernelProvider } = row;
  let version = '';

  return {
    provider: kernelProvider,
    load: async () => {
      const { default: ort } = await import('onnxruntime-node');
      version = ort.env.versions.node ?? '';
      if (!ort.listSupportedBackends().some(({ name }) => name === provider)) {
        const here = `${process.platform} ${process.arch}`;
        throw new RheobaseError('unavailable', `onnxruntime-node has no ${provider} provider on ${here}`);
      }
      return ort as OrtModule;
    },
    sessionOptions: ({ threads, profile, outputs }) => {
      if (outputs === 'device' && provider !== RUNS_ON_CPU) throw noDeviceOutputs();
      return {
        executionProviders: [provider],
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        ...(profile === true
          ? { profileFilePrefix: join(mkdtempSync(join(scratch, 'rheobase-profile-')), 'ort') }
          : {}),
      };
    },
    fillsOutputs: true,
    resolve: async (model) => resolveNative(model),
    endProfile: async (session, { profileFilePrefix = '' }) => {
      session.endProfiling();
      const folder = dirname(profileFilePrefix);
      const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      rmSync(folder, { recursive: true, force: true });
      return parseOrtProfile(text.join('\n'));
    },
    // onnxruntime-node 1.30 gives these outputs a length that makes V8 abort.
    ...(ownProcess ? {} : { lethalOutputs: ['int4', 'uint4'] }),
    describe: async () => ({
      runtimeVersion: version,
      implementation: `onnxruntime-node ${provider}`,
      ...(provider === RUNS_ON_CPU ? { device: cpuName(), software: false } : gpu(softwareDriver)),
    }),
  };
}

/** A GPU provider that works where there is no GPU works in software, whatever driver it found. */
function gpu(softwareDriver: string | null): { device: string | null; software: boolean } {
  if (softwareDriver !== null) return { device: softwareDriver, software: true };
  return hasGpu() ? { device: gpuName(), software: false } : { device: 'a software driver', software: true };
}

/** External data beside a model file is found by ONNX Runtime itself; for bytes it is handed over. */
function resolveNative(model: ModelSource): ResolvedModel {
  if ('path' in model) return { model: model.path };
  const { bytes, externalData } = model;
  if (externalData === undefined) return { model: bytes };
  return { model: bytes, externalData: externalData.map(({ location, bytes: data }) => ({ path: location, data })) };
}
