/**
 * A connection to the process or page where ONNX Runtime runs. `send` delivers one request and resolves with its
 * reply; it rejects with a `crashed` error when the other end goes away first.
 */
import type { Reply, Request } from './protocol.js';

export interface Connection {
  send(request: Request): Promise<Reply>;
  /** Ends the other end, however busy it is. Idempotent. */
  kill(): Promise<void>;
}

/** Starts a process or page and connects to it. */
export type Connect = () => Promise<Connection>;
