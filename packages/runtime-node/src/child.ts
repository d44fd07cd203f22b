/** The child process of a Node backend: ONNX Runtime behind the channel to its parent. Started by `child-process.ts`. */
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { toPlainError } from '@rheobase/exporter/errors';
import { type Reply, type Request, serve } from '@rheobase/runtime/host';
import { allocateFresh, type Envelope, pack, reusedMemory, unpack } from './bulk-file.js';
import type { ChildArguments, RequestEnvelope } from './child-process.js';
import { createEngine } from './create-engine.js';
import type { ParentWatch } from './parent-watch.js';

/** After stdin, stdout, stderr and the channel. */
const BULK_FD = 4;

const { id, scratch, softwareDriver } = JSON.parse(process.argv[2] ?? '') as ChildArguments;

process.on('disconnect', () => {
  rmSync(scratch, { recursive: true, force: true });
  process.exit();
});
// Ctrl-C reaches the whole process group; whether to stop is the parent's decision.
process.on('SIGINT', () => {});
const watch: ParentWatch = { parent: process.ppid, scratch };
new Worker(new URL('./parent-watch.js', import.meta.url), { workerData: watch }).unref();

const handle = serve(createEngine(id, { scratch, softwareDriver, ownProcess: true }));
const feedMemory = reusedMemory();

process.on('message', async (message) => {
  const reply = await answer(message as RequestEnvelope);
  process.send?.(packed(reply));
});

async function answer(envelope: RequestEnvelope): Promise<Reply> {
  try {
    const allocate = envelope.transient ? feedMemory(envelope) : allocateFresh;
    return await handle(unpack(envelope, BULK_FD, allocate) as Request);
  } catch (error) {
    return { error: toPlainError(error) };
  }
}

/** A reply that cannot be sent (a full disk) becomes one that says so. */
function packed(reply: Reply): Envelope {
  try {
    return pack(reply, BULK_FD);
  } catch (error) {
    const unsent: Reply = { error: toPlainError(error) };
    return pack(unsent, BULK_FD);
  }
}
