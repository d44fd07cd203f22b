/**
 * ONNX Runtime prints its profile to the console. Its WASM module binds `console.log` when it starts, so that nothing
 * put there later is ever called. A tap stands in `console.log`'s place for the moment of that start and stays behind
 * as what the module has bound, while everybody else gets the real one back.
 */

export interface ConsoleTap {
  /** What the module prints while `work` runs, line by line; `work` is synchronous, so it is the module's alone. */
  linesOf(work: () => void): string;
}

/** Starts a module with a tap in the console. Calls must not overlap. */
export async function tapConsole<T>(start: () => Promise<T>): Promise<{ started: T; tap: ConsoleTap }> {
  const { log } = console;
  let captured: string[] | undefined;
  const stand = (...parts: unknown[]): void => {
    if (captured === undefined) log.apply(console, parts);
    else captured.push(parts.join(' '));
  };
  console.log = stand;
  try {
    const started = await start();
    return { started, tap: { linesOf } };
  } finally {
    // Someone else may have put theirs in place meanwhile; then it is theirs to take away.
    if (console.log === stand) console.log = log;
  }

  function linesOf(work: () => void): string {
    const lines: string[] = [];
    captured = lines;
    try {
      work();
    } finally {
      captured = undefined;
    }
    return lines.join('\n');
  }
}
