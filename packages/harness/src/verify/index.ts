export type { VerifyEvent } from './events.js';
export type { NamedModel, VerifyOptions } from './options.js';
export { exitCodeOf } from './verdict.js';
export { verify } from './verify.js';
