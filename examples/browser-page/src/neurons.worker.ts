/** Runs the model away from the page, which stays free to draw. */
import { toPlainError } from '@rheobase/exporter/errors';
import type { Session } from '@rheobase/runtime';
import { type WebProvider, webBackend } from '@rheobase/runtime-web';
import { neuronsModel } from './neurons.js';

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
    const { implementation, device } = availability;
    return { kind: 'opened', backend: device === null ? implementation : `${implementation}, on ${device}` };
  }
  if (session === undefined) return { kind: 'failed', message: 'No backend is open.' };
  const { x, theta } = question;
  const { outputs, ms } = await session.run({
    x: { dtype: 'float32', shape: [x.length], data: x },
    theta: { dtype: 'float32', shape: [], data: Float32Array.of(theta) },
  });
  return { kind: 'ran', y: outputs.y?.data as Float32Array, theta, ms };
}

self.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  const reply = await answer(data).catch((error): Answer => ({ kind: 'failed', message: toPlainError(error).what }));
  self.postMessage(reply);
});
