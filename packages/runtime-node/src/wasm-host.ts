/**
 * onnxruntime-web inside Node as a host: the WASM build with SIMD, in one or more threads (Node needs none of the
 * headers that a page needs for them). Its thread pool is made once for the process, with the first session.
 */
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RheobaseError } from '@rheobase/exporter/errors';
import type { ModelSource, SessionOptions } from '@rheobase/runtime';
import { type OrtHost, type OrtModule, parseOrtProfile, probeModel, type ResolvedModel } from '@rheobase/runtime/host';
import type { BackendRow } from './backend-table.js';
import { cpuName } from './device.js';

export function wasmHost({ provider, kernelProvider }: BackendRow): OrtHost {
  let threads = 0;
  let version = '';

  /** The first session compiles the WASM module and starts its threads; that is no part of any model's load time. */
  const load = async (first: SessionOptions): Promise<OrtModule> => {
    const ort = await import('onnxruntime-web');
    if (first.threads !== undefined) ort.env.wasm.numThreads = first.threads;
    const session = await ort.InferenceSession.create(probeModel(), { executionProviders: [provider] });
    await session.release();
    threads = ort.env.wasm.numThreads ?? 1;
    version = ort.env.versions.web ?? '';
    return ort;
  };

  return {
    provider: kernelProvider,
    load,
    sessionOptions: (options) => {
      if (options.threads !== undefined && options.threads !== threads) {
        throw new RheobaseError('unsupported', `WASM runs in ${threads} threads here, not in ${options.threads}`, {
          remedy: 'choose threads with the first session, or isolate sessions by process',
        });
      }
      return { executionProviders: [provider] };
    },
    resolve: resolveWasm,
    endProfile: async (session) => parseOrtProfile(standardOutputOf(() => session.endProfiling())),
    describe: async () => ({
      runtimeVersion: version,
      implementation: `onnxruntime-web wasm simd, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      device: cpuName(),
      software: false,
    }),
  };
}

/** onnxruntime-web reads files by itself in Node, but must be told of each file with external data. */
async function resolveWasm(model: ModelSource): Promise<ResolvedModel> {
  if ('path' in model) {
    const { path } = model;
    const locations = model.externalLocations ?? (await externalLocationsOf(path));
    const externalData = locations.map((location) => ({ path: location, data: join(dirname(path), location) }));
    return { model: path, ...(externalData.length === 0 ? {} : { externalData }) };
  }
  const { bytes, externalData } = model;
  if (externalData === undefined) return { model: bytes };
  return { model: bytes, externalData: externalData.map(({ location, bytes: data }) => ({ path: location, data })) };
}

/** A file that cannot be read as a model is left to ONNX Runtime to refuse. */
async function externalLocationsOf(path: string): Promise<readonly string[]> {
  const { decodeModel, externalLocations } = await import('@rheobase/exporter');
  try {
    return externalLocations(decodeModel(await readFile(path)));
  } catch {
    return [];
  }
}

/**
 * What the WASM module prints while `work` runs: it writes to standard output by `fs.writeSync`, as the property of
 * the module object stands at that moment. `work` is synchronous, so nobody else's output can get in between.
 */
function standardOutputOf(work: () => void): string {
  const { writeSync } = fs;
  const printed: string[] = [];
  const capture = (fd: number, text: string): number => {
    if (fd !== process.stdout.fd) return writeSync(fd, text);
    printed.push(text);
    return text.length;
  };
  try {
    fs.writeSync = capture as typeof writeSync;
    work();
  } finally {
    fs.writeSync = writeSync;
  }
  return printed.join('');
}
