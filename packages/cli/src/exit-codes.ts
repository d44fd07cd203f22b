/** What the exit code of every command means; scripts rely on it. */
export const EXIT = {
  /** Done, and everything agreed. */
  ok: 0,
  /** Backends diverged, or a check found errors. */
  diverged: 1,
  /** Bad arguments or bad input. */
  badInput: 2,
  /** A required backend is missing or failed. */
  backendMissing: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
