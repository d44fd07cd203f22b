import { badInput } from '@rheobase/exporter/errors';

/** @throws RheobaseError `bad-input` where the option's value is not a number above zero. */
export function requirePositive(option: string, value: number): void {
  if (!(value > 0)) throw badInput(`takes a number above 0, got ${value}`, { where: `--${option}` });
}

/** @throws RheobaseError `bad-input` where the option's value is no whole number from `least` on. */
export function requireCount(option: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw badInput(`takes a whole number from ${least} on, got ${value}`, { where: `--${option}` });
}

/** @throws RheobaseError `bad-input` where the option's value is no whole number. */
export function requireWhole(option: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badInput(`takes a whole number, got ${value}`, { where: `--${option}` });
}

/**
 * `--threads 1,2 --threads 4` as numbers, each once.
 * @throws RheobaseError `bad-input` for what is not a whole number above zero.
 */
export function parseCounts(option: string, values: readonly string[] | undefined): readonly number[] {
  const counts = (values ?? []).flatMap((text) => text.split(',')).map((text) => text.trim());
  const wrong = counts.find((text) => !/^[1-9]\d*$/.test(text));
  if (wrong !== undefined) {
    throw badInput(`takes whole numbers above 0, got ${JSON.stringify(wrong)}`, { where: `--${option}` });
  }
  return [...new Set(counts.map(Number))];
}
