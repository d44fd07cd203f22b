/**
 * ONNX Runtime by its own API and nothing else, in the same kinds of process that verification runs it in: what
 * verification is held against.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findSoftwareVulkan } from '@rheobase/runtime-node';
import { barePage } from './bare-page.js';

/** What is asked of it for one model. */
export interface BareWork {
  readonly path: string;
  readonly shape: readonly number[];
  /** Runs whose outputs are read: one a case. */
  readonly cases: number;
  /** Runs one after the other: warm-up and timing. */
  readonly timed: number;
}

export interface BareRuntime {
  /** Time in ms that loading and running took, by the clock beside ONNX Runtime. */
  measure(work: readonly BareWork[]): Promise<number>;
  close(): Promise<void>;
}

/** Starts the process or page, and ONNX Runtime in it by a first small model. */
export async function startBare(backend: string, folder: string): Promise<BareRuntime> {
  return backend.startsWith('node/') ? bareChild(backend) : barePage(backend, folder);
}

function bareChild(backend: string): BareRuntime {
  const env = backend === 'node/webgpu' ? (findSoftwareVulkan()?.env ?? {}) : {};
  const child = fork(fileURLToPath(new URL('./bare-child.js', import.meta.url)), [backend], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    measure: (work) =>
      new Promise((resolve, reject) => {
        child.once('exit', () => reject(new Error(`the bare process of ${backend} ended`)));
        child.once('message', (answer) => {
          child.removeAllListeners('exit');
          resolve(Number(answer));
        });
        child.send(work);
      }),
    close: async () => {
      child.kill();
    },
  };
}
