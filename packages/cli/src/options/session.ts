/** Options of ONNX Runtime's sessions, for the commands that run models. */
import type { SessionOptions } from '@rheobase/runtime';

export type Optimization = NonNullable<SessionOptions['optimization']>;

/** For yargs’ `option`. */
export const OPTIMIZATION_OPTION = {
  choices: ['disabled', 'basic', 'extended', 'all'] as const satisfies readonly Optimization[],
  describe: 'How far ONNX Runtime may rewrite the graph; default all',
};

/** The options that were given, as sessions take them: without those that were not. */
export function given<T extends Partial<SessionOptions>>(
  options: {
    readonly [K in keyof T]: T[K] | undefined;
  },
): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
