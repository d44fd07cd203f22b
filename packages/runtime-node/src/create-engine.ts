/** The engine of a backend of the table: ONNX Runtime in the process that calls this. */
import { type Engine, ortEngine } from '@rheobase/runtime/host';
import { backendRow } from './backend-table.js';
import { nativeHost } from './native-host.js';
import { wasmHost } from './wasm-host.js';

export interface EngineOptions {
  /** A folder in which each profile gets one of its own while it is written. */
  readonly scratch: string;
  /** Name of the software GPU driver that the environment selects, null where it selects none. */
  readonly softwareDriver: string | null;
  /** Whether the process is the engine's own, so that its abort costs no one else. */
  readonly ownProcess: boolean;
}

/** @throws RheobaseError `bad-input` for an unknown id. */
export function createEngine(id: string, options: EngineOptions): Engine {
  const row = backendRow(id);
  return ortEngine(row.runtime === 'onnxruntime-web' ? wasmHost(row) : nativeHost(row, options));
}
