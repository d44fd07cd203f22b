/** Options of the commands that take times: what a time tells, and where it ends. */
export interface TimingArguments {
  mode: 'latency' | 'throughput';
  outputs?: 'host' | 'device';
}

/** For yargs’ `options`. */
export const TIMING_OPTIONS = {
  mode: {
    choices: ['latency', 'throughput'],
    default: 'latency',
    describe: 'Time single runs, or runs back to back with no message between them, told as runs a second',
  },
  outputs: {
    choices: ['host', 'device'],
    describe: 'Where outputs stay: on the device, a GPU’s times leave out bringing them back; default host',
  },
} as const;
