/**
 * The comparison behind `toAgreeWith`: tensors, or the outputs of a run with a tensor under each name, and what each of them
 * is held to.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { DType } from '@rheobase/exporter/tensor';
import { compareTensors } from '../comparison/index.js';
import { type ToleranceChange, tolerancePolicy } from '../tolerances/index.js';
import { asTensor, isElements, isTensor, type TensorLike } from './as-tensor.js';
import { explain } from './explain.js';

/** A tensor or what can stand for one, or several of them by name or in a list, to any depth. */
export type Comparable = TensorLike | readonly Comparable[] | { readonly [name: string]: Comparable };

export interface AgreementOptions extends ToleranceChange {
  /** For the elements of a type, instead of what is given for all. */
  readonly dtypes?: Readonly<Partial<Record<DType, ToleranceChange>>>;
  /** For one of several tensors, by its name (`logits`, `state.h`, `[0]`); goes before all else. */
  readonly outputs?: Readonly<Record<string, ToleranceChange>>;
  /** Where the two come from, for the tolerance that is allowed between them; default `node/cpu` for both. */
  readonly backend?: string;
  readonly baseline?: string;
  /** How many of the worst elements a failure shows. Default 5. */
  readonly worst?: number;
}

export interface Agreement {
  readonly agrees: boolean;
  /** Of what disagrees, or where all agrees of everything: a paragraph a tensor. */
  readonly text: string;
}

/**
 * Compares as `verify` does: by the tolerance of the element type between two backends, or by `atol`, `rtol`, `scale` and
 * `ulp` where one of them is given.
 * @throws RheobaseError `bad-input` for what is no tensor and nothing that can stand for one.
 */
export function agreement(actual: unknown, expected: unknown, options: AgreementOptions = {}): Agreement {
  const parts = compareParts('', actual, expected, options);
  const failed = parts.filter(({ agrees }) => !agrees);
  const shown = failed.length > 0 ? failed : parts;
  return { agrees: failed.length === 0, text: shown.map(({ text }) => text).join('\n') };
}

function compareParts(
  name: string,
  actual: unknown,
  expected: unknown,
  options: AgreementOptions,
): readonly Agreement[] {
  if (isTensorLike(actual) && isTensorLike(expected)) return [compareOne(name, actual, expected, options)];
  const [own, other] = [partsOf(actual, 'actual', name), partsOf(expected, 'expected', name)];
  const missing = [...other.keys()].filter((key) => !own.has(key));
  const extra = [...own.keys()].filter((key) => !other.has(key));
  const strangers = [
    ...missing.map((key) => ({ agrees: false, text: `${joined(name, key)}: expected, and not there` })),
    ...extra.map((key) => ({ agrees: false, text: `${joined(name, key)}: not expected` })),
  ];
  const common = [...other].filter(([key]) => own.has(key));
  return [
    ...strangers,
    ...common.flatMap(([key, value]) => compareParts(joined(name, key), own.get(key), value, options)),
  ];
}

function compareOne(name: string, actual: TensorLike, expected: TensorLike, options: AgreementOptions): Agreement {
  const { backend = 'node/cpu', baseline = 'node/cpu', worst = 5, dtypes, outputs, ...change } = options;
  const role = (side: string): string => (name === '' ? side : `${side} ${name}`);
  // A side that knows its type comes first, and says what the other's numbers are.
  const typed = isElements(expected) && !isElements(actual) ? asTensor(actual, role('actual'), null) : null;
  const reference = asTensor(expected, role('expected'), typed ?? (isTensor(actual) ? actual : null));
  const received = typed ?? asTensor(actual, role('actual'), reference);
  const { dtype } = reference;
  const policy = tolerancePolicy({
    all: { ...change, ...dtypes?.[dtype] },
    ...(outputs === undefined ? {} : { outputs }),
  });
  const tolerance = policy({ output: name, dtype, backend, baseline });
  const comparison = compareTensors(received, reference, { tolerance, worst, histogram: false });
  const text = explain(comparison, reference);
  return { agrees: comparison.verdict === 'agree', text: name === '' ? text : `${name}: ${text}` };
}

function isTensorLike(value: unknown): value is TensorLike {
  return isTensor(value) || ArrayBuffer.isView(value) || isElements(value);
}

function partsOf(value: unknown, role: string, name: string): ReadonlyMap<string, unknown> {
  if (Array.isArray(value)) return new Map(value.map((part, index) => [`[${index}]`, part]));
  if (typeof value === 'object' && value !== null && !isTensorLike(value)) return new Map(Object.entries(value));
  throw badInput('is no tensor and no list of numbers', {
    where: name === '' ? role : `${role} ${name}`,
    remedy: 'give { dtype, shape, data }, a typed array, a list of numbers, or an object of these by name',
  });
}

function joined(name: string, key: string): string {
  return name === '' || key.startsWith('[') ? `${name}${key}` : `${name}.${key}`;
}
