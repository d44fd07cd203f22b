/** The page's end of its link to the driver: frames come and go as `driver/page-link.ts` says. */

/** A frame up to this size travels on the socket, a larger one by a request of its own. */
export const SMALL_FRAME_BYTES = 128 * 1024;

/** Answers each request with what `answer` makes of it, in order. The driver asks one at a time. */
export function serveLink(answer: (frame: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>): void {
  const socket = new WebSocket(new URL('link', location.href.replace(/^http/, 'ws')));
  socket.binaryType = 'arraybuffer';
  const reply = async (frame: Uint8Array<ArrayBuffer>): Promise<void> => {
    if (frame.length <= SMALL_FRAME_BYTES) socket.send(frame);
    else await fetch('reply', { method: 'POST', body: new Blob([frame]) });
  };
  socket.onmessage = async ({ data }: MessageEvent<ArrayBuffer>) => {
    const request = data.byteLength > 0 ? data : await (await fetch('request')).arrayBuffer();
    await reply(await answer(new Uint8Array(request)));
  };
}
