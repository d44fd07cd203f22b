/**
 * `--json -` as `--json=-`: yargs takes a lone dash for a positional argument, while to every Unix command it is
 * the value of the option before it.
 */
export function attachDashes(args: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (const word of args) {
    const last = words.at(-1);
    if (word === '-' && last !== undefined && /^--[^=]+$/.test(last)) words[words.length - 1] = `${last}=-`;
    else words.push(word);
  }
  return words;
}
