/** `--range x=-3:3` and `--dist x=normal:0:1` as what `seededCases` takes. */
import { badInput } from '@rheobase/exporter/errors';
import type { Distribution, Range } from '@rheobase/harness';

/** What is said of all floating-point inputs, and of single inputs by name. */
export interface PerInput<T> {
  readonly all: T | undefined;
  readonly byName: Readonly<Record<string, T>>;
}

/** @throws RheobaseError `bad-input` for what is not `[input=]low:high`. */
export function parseRanges(values: readonly string[] | undefined): PerInput<Range> {
  return perInput(values, (text, whole) => {
    const [low, high, ...rest] = text.split(':').map(numberFrom);
    if (low === undefined || high === undefined || rest.length > 0 || !(low <= high)) {
      throw badInput(`${JSON.stringify(whole)} is no range`, {
        where: '--range',
        remedy: 'write it as x=-3:3 or -3:3',
      });
    }
    return { low, high };
  });
}

const KINDS: Readonly<Record<string, (a?: number, b?: number) => Distribution>> = {
  normal: (mean = 0, deviation = 1) => ({ kind: 'normal', mean, deviation }),
  uniform: (low = 0, high = 1) => ({ kind: 'uniform', low, high }),
  loguniform: (low = 1e-6, high = 1e6) => ({ kind: 'logUniform', low, high }),
};

/** @throws RheobaseError `bad-input` for what is not `[input=]kind[:number:number]`. */
export function parseDistributions(values: readonly string[] | undefined): PerInput<Distribution> {
  return perInput(values, (text, whole) => {
    const [kind = '', ...parameters] = text.split(':');
    const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    const numbers = parameters.map(numberFrom);
    const [a, b] = numbers;
    const isWrong = make === undefined || numbers.length > 2 || numbers.includes(undefined);
    const made = isWrong ? undefined : make(a, b);
    if (made === undefined || !makesSense(made)) {
      throw badInput(`${JSON.stringify(whole)} is no distribution`, {
        where: '--dist',
        remedy: 'write it as normal, x=normal:MEAN:DEVIATION, x=uniform:LOW:HIGH or x=loguniform:LOW:HIGH',
      });
    }
    return made;
  });
}

function makesSense(distribution: Distribution): boolean {
  switch (distribution.kind) {
    case 'normal':
      return distribution.deviation >= 0;
    case 'uniform':
      return distribution.low <= distribution.high;
    case 'logUniform':
      return distribution.low > 0 && distribution.low <= distribution.high;
  }
}

/** A name may have an equals sign of its own, so the last one divides. */
function perInput<T>(values: readonly string[] | undefined, parse: (text: string, whole: string) => T): PerInput<T> {
  const byName: Record<string, T> = {};
  let all: T | undefined;
  for (const whole of (values ?? []).flatMap((value) => value.split(',')).map((value) => value.trim())) {
    const split = whole.lastIndexOf('=');
    if (split < 0) all = parse(whole, whole);
    else byName[whole.slice(0, split)] = parse(whole.slice(split + 1), whole);
  }
  return { all, byName };
}

function numberFrom(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
