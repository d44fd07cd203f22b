/** How to print for whoever reads standard output: a terminal of some width, or a file or pipe. */
export function terminalOptions(stream: NodeJS.WriteStream = process.stdout): { columns: number; color: boolean } {
  const mayColor = stream.isTTY === true && !process.env.NO_COLOR;
  return { columns: stream.columns ?? 100, color: mayColor };
}
