/**
 * The link between a driven page and this process: a WebSocket, which takes a tenth of the time that an HTTP request does
 * in a browser. One request is under way at a time.
 *
 * Small frames travel on the socket itself. The driver's debugging protocol repeats those in its events, as text, which
 * costs many times what sending them does; so a large request is fetched by the page, and a large reply posted as a blob,
 * whose bodies the protocol leaves out. The page fetches when it gets an empty frame.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SMALL_FRAME_BYTES } from '../page/page-link.js';

export interface PageLink {
  /** Resolves when the page has opened its socket. */
  readonly ready: Promise<void>;
  /** Takes over the request for the socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Hands a frame to the page and answers the page's. One at a time. */
  exchange(frame: Uint8Array): Promise<Uint8Array>;
  /** The large frame that the page has been told to fetch, undefined where there is none. */
  takeRequest(): Uint8Array | undefined;
  /** Takes a large reply that the page has posted. */
  giveReply(frame: Uint8Array): void;
  close(): void;
}

const FETCH_IT = new Uint8Array(0);

export function pageLink(): PageLink {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: SMALL_FRAME_BYTES });
  let page: WebSocket | undefined;
  let large: Uint8Array | undefined;
  let giveReply: (frame: Uint8Array) => void = () => {};
  let tellReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  server.on('connection', (socket) => {
    page = socket;
    socket.on('message', (frame: Buffer) => giveReply(frame));
    // The end of a page is told by its browser; a call that is under way then fails with that.
    socket.on('error', () => {});
    tellReady();
  });

  return {
    ready,
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    exchange: (frame) =>
      new Promise((resolve) => {
        giveReply = resolve;
        const isSmall = frame.length <= SMALL_FRAME_BYTES;
        large = isSmall ? undefined : frame;
        page?.send(isSmall ? frame : FETCH_IT);
      }),
    takeRequest: () => {
      const frame = large;
      large = undefined;
      return frame;
    },
    giveReply: (frame) => giveReply(frame),
    close: () => {
      page?.terminate();
      server.close();
    },
  };
}
