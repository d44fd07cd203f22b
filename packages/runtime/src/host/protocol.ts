/**
 * What crosses from a backend's near end to the process or page where ONNX Runtime runs. Each request has one reply.
 * Everything is plain data with typed arrays in it; how it is encoded is the connection's matter.
 */
import type { PlainError } from '@rheobase/exporter/errors';
import type { Available, Feeds, ModelSource, Profile, RunResult, SessionOptions, ValueMetadata } from '../contract.js';

/** Session handles are chosen by the remote end and mean nothing elsewhere. */
export type SessionHandle = number;

export interface OpenedSession {
  readonly handle: SessionHandle;
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
  readonly loadMs: number;
}

export interface Calls {
  probe: { params: Record<string, never>; result: Available };
  open: { params: { model: ModelSource; options: SessionOptions }; result: OpenedSession };
  run: {
    /** `reuse`: the near end may put the outputs where those of the last run were; the remote end does not care. */
    params: { session: SessionHandle; feeds: Feeds; fetches?: readonly string[]; reuse?: boolean };
    result: RunResult;
  };
  time: {
    params: { session: SessionHandle; feeds: Feeds; samples: number; runsPerSample: number };
    result: readonly number[];
  };
  profile: { params: { session: SessionHandle }; result: Profile };
  close: { params: { session: SessionHandle }; result: null };
}

export type Method = keyof Calls;

export type Request = { [M in Method]: { readonly method: M; readonly params: Calls[M]['params'] } }[Method];

export type Reply = { readonly result: Calls[Method]['result'] } | { readonly error: PlainError };
