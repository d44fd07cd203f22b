/** The CPU provider of onnxruntime-node with its profile, in this process: the least that measuring placement needs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { RheobaseError } from '../src/errors.js';
import type { PlacementBackend, PlacementSession } from '../src/placement/backend.js';

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

export const cpuWithProfile: PlacementBackend = {
  id: 'node/cpu',
  open: async ({ bytes }): Promise<PlacementSession> => {
    const folder = mkdtempSync(join(tmpdir(), 'rheobase-profile-'));
    const options = {
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      graphOptimizationLevel: 'disabled',
    } as const;
    const session = await told(() => ort.InferenceSession.create(bytes, { ...options, logSeverityLevel: 4 }));
    return {
      run: (feeds) =>
        told(() => {
          const tensors = Object.entries(feeds).map(([name, { dtype, data, shape }]): [string, ort.Tensor] => {
            return [name, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)];
          });
          return session.run(Object.fromEntries(tensors));
        }),
      profile: async () => {
        session.endProfiling();
        const [file] = readdirSync(folder);
        const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly ProfileEvent[];
        const nodes = events.flatMap(({ cat, name, args }) =>
          cat === 'Node' && args?.provider !== undefined
            ? [{ node: name, opType: args.op_name ?? '', provider: args.provider }]
            : [],
        );
        return { nodes };
      },
      close: async () => {
        await session.release();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RheobaseError('failed', error instanceof Error ? error.message : String(error));
  }
}
