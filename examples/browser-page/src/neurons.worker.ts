/** Runs the model away from the page, which stays free to draw. */
import { toPlainError } from '@rheobase/exporter/errors';
import type { RunResult, Session } from '@rheobase/runtime';
import { type WebProvider, webBackend } from '@rheobase/runtime-web';
import { neuronsModel, stimulus } from './neurons.js';

export type Question =
  | { readonly ask: 'open'; readonly provider: WebProvider }
  | { readonly ask: 'run'; readonly x: Float32Array; readonly theta: number };

export type Answer =
  | { readonly kind: 'opened'; readonly backend: string }
  | { readonly kind: 'ran'; readonly y: Float32Array; readonly theta: number; readonly ms: number }
  | { readonly kind: 'failed'; readonly message: string };

let session: Session | undefined;

async function answer(question: Question): Promise<Answer> {
  if (question.ask === 'open') {
    const backend = webBackend(question.provider);
    const availability = await backend.probe();
    if (!availability.available) return { kind: 'failed', message: availability.reason };
    session = await backend.open({ bytes: neuronsModel() });
    // The first run of a session allocates and, on a GPU, compiles; the page shows the time of later ones.
    await run(session, stimulus(), 0);
    const { implementation, device } = availability;
    return { kind: 'opened', backend: device === null ? implementation : `${implementation}, on ${device}` };
  }
  if (session === undefined) return { kind: 'failed', message: 'No backend is open.' };
  const { x, theta } = question;
  const { outputs, ms } = await run(session, x, theta);
  return { kind: 'ran', y: outputs.y?.data as Float32Array, theta, ms };
}

function run(on: Session, x: Float32Array, theta: number): Promise<RunResult> {
  return on.run({
    x: { dtype: 'float32', shape: [x.length], data: x },
    theta: { dtype: 'float32', shape: [], data: Float32Array.of(theta) },
  });
}

self.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  const reply = await answer(data).catch((error): Answer => ({ kind: 'failed', message: toPlainError(error).what }));
  self.postMessage(reply);
});
