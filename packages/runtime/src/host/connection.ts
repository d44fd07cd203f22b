/**
 * A connection to the process or page where ONNX Runtime runs. `send` delivers one request and resolves with its
 * reply; it rejects with a `crashed` error when the other end goes away first, or has gone before. The near end
 * sends one request at a time.
 */
import type { Reply, Request } from './protocol.js';

export interface Connection {
  send(request: Request): Promise<Reply>;
  /** Ends the other end, however busy it is. Idempotent. */
  kill(): Promise<void>;
  /** Resolves when the other end has gone, where that can be known without sending: the next `open` starts afresh. */
  readonly ended?: Promise<unknown>;
}

/**
 * Starts a process or page and connects to it. `lane` is what `laneOf` answered: sessions of different lanes never
 * share a process (WASM's thread count is such a thing). It is `''` where nothing divides them. What is not connected
 * after `timeoutMs` is given up; a connector that has started something by then ends it.
 */
export type Connect = (lane: string, timeoutMs: number) => Promise<Connection>;
