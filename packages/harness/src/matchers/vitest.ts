/**
 * Matchers for vitest. Importing this file adds them to `expect`, with their types:
 *
 *     import '@rheobase/harness/vitest';
 *     expect(actual).toAgreeWith(expected, { atol: 1e-6 });
 *
 * or `expect.extend(matchers)`, for who has an `expect` of their own.
 */
import { expect } from 'vitest';
import { type AgreementOptions, agreement, type Comparable } from './agreement.js';

export type { AgreementOptions, Comparable } from './agreement.js';

export const matchers = {
  /** Agrees within the tolerance of the element type, or within what is given. */
  toAgreeWith(actual: unknown, expected: Comparable, options?: AgreementOptions) {
    const { agrees, text } = agreement(actual, expected, options);
    return { pass: agrees, message: () => `expected tensors ${agrees ? 'not ' : ''}to agree: ${text}` };
  },
};

interface AgreementMatchers<R> {
  toAgreeWith(expected: Comparable, options?: AgreementOptions): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the type parameter has to be declared as vitest declares it.
  interface Assertion<T = any> extends AgreementMatchers<T> {}
  interface AsymmetricMatchersContaining extends AgreementMatchers<unknown> {}
}

expect.extend(matchers);
