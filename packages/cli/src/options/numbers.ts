import { badInput } from '@rheobase/exporter/errors';

/** @throws RheobaseError `bad-input` where the option's value is not a number above zero. */
export function requirePositive(option: string, value: number): void {
  if (!(value > 0)) throw badInput(`takes a number above 0, got ${value}`, { where: `--${option}` });
}
