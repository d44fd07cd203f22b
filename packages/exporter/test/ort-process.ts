/**
 * ONNX Runtime in a process of its own: some models end the whole process rather than fail (a 4-bit output does), and
 * a test must survive that. The process is started when it is needed, and anew after a crash.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Tensor, TypedArray } from '../src/tensor/index.js';

const CHILD = fileURLToPath(new URL('./ort-process-child.mjs', import.meta.url));

/** Outputs as the runtime gives them: bool as bytes, narrow floats as their bits. */
export type Outcome =
  | { readonly kind: 'outputs'; readonly outputs: Readonly<Record<string, Tensor>> }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'crashed' };

export class OrtProcess {
  private child: ChildProcess | undefined;

  /**
   * Creates a session from bytes or a file and runs it once; without feeds, just creates it (and the outputs are empty).
   * @param elements false leaves the elements of the outputs where they are: types and shapes alone come back. Without feeds
   *   they are those that the runtime infers itself; -1 stands for an extent that it does not know.
   */
  async run(
    model: Uint8Array | string,
    feeds: Readonly<Record<string, Tensor>> | null,
    { elements = true }: { readonly elements?: boolean } = {},
  ): Promise<Outcome> {
    this.child ??= fork(CHILD, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const { child } = this;
    const answer = Promise.race([
      once(child, 'message').then(([message]) => message as Outcome),
      once(child, 'exit').then((): Outcome => ({ kind: 'crashed' })),
    ]);
    child.send({ model, feeds, elements });
    const outcome = await answer;
    child.removeAllListeners();
    if (outcome.kind === 'crashed') this.child = undefined;
    return outcome;
  }

  close(): void {
    this.child?.kill();
    this.child = undefined;
  }
}

/** Names, types and every bit of the outputs as one text, for comparing two runs. */
export function outputsText(outcome: Outcome): string {
  if (outcome.kind !== 'outputs') throw new Error(`ONNX Runtime: ${JSON.stringify(outcome)}`);
  const outputs = Object.entries(outcome.outputs).map(([name, tensor]) => {
    const { dtype, shape } = tensor;
    return [name, dtype, shape, elementsText(tensor)];
  });
  return JSON.stringify(outputs);
}

function elementsText({ dtype, data }: Tensor): string {
  if (dtype === 'string') return JSON.stringify(data);
  const { buffer, byteOffset, byteLength } = data as TypedArray;
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
