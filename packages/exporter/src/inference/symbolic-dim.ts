/**
 * Arithmetic on dimensions. A dimension is a number, a symbolic expression, or null for one that nothing is known of.
 * Expressions are polynomials of named dimensions with whole coefficients in one canonical spelling, so that equal ones
 * are equal texts: `batch`, `2*batch`, `height*width`, `batch+1`. What is no polynomial (half of an extent that may be
 * odd) is null.
 *
 * A name that is not a plain word (`past length`) stands in parentheses where it is part of a larger expression.
 */
import type { Dim } from '../model/model.js';

/** Coefficients by monomial; a monomial is its factors in order, joined by `*`; `''` is the constant term. */
type Polynomial = ReadonlyMap<string, number>;

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return combine(a, b, (p, q) => sum(p, q, 1));
}

export function subtractDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return combine(a, b, (p, q) => sum(p, q, -1));
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return combine(a, b, product);
}

/** a / b where b divides a whatever the names stand for, null where it may not. */
export function divideDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null || b === 0) return null;
  if (typeof a === 'number' && typeof b === 'number') return a % b === 0 ? a / b : null;
  const quotient = exactQuotient(parse(a), parse(b));
  return quotient === undefined ? null : print(quotient);
}

/** The number of elements, null where an extent is not known. */
export function sizeOfDims(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(multiplyDims, 1);
}

function combine(a: Dim, b: Dim, operation: (p: Polynomial, q: Polynomial) => Polynomial): Dim {
  return a === null || b === null ? null : print(operation(parse(a), parse(b)));
}

function sum(p: Polynomial, q: Polynomial, factor: number): Polynomial {
  const result = new Map(p);
  for (const [monomial, coefficient] of q) add(result, monomial, factor * coefficient);
  return result;
}

function product(p: Polynomial, q: Polynomial): Polynomial {
  const result = new Map<string, number>();
  for (const [left, a] of p)
    for (const [right, b] of q) add(result, join([...factors(left), ...factors(right)]), a * b);
  return result;
}

function add(terms: Map<string, number>, monomial: string, coefficient: number): void {
  const total = (terms.get(monomial) ?? 0) + coefficient;
  if (total === 0) terms.delete(monomial);
  else terms.set(monomial, total);
}

/** p / q: q must be one term that divides every term of p, or p a whole multiple of q. */
function exactQuotient(p: Polynomial, q: Polynomial): Polynomial | undefined {
  if (q.size !== 1) {
    const [first] = q;
    const ratio = (p.get(first[0]) ?? 0) / first[1];
    const multiple = Number.isInteger(ratio) && [...sum(p, q, -ratio)].length === 0;
    return multiple ? new Map([['', ratio]]) : undefined;
  }
  const [[divisor, by]] = q;
  const result = new Map<string, number>();
  for (const [monomial, coefficient] of p) {
    const left = factors(monomial);
    for (const factor of factors(divisor)) {
      const at = left.indexOf(factor);
      if (at === -1) return undefined;
      left.splice(at, 1);
    }
    if (coefficient % by !== 0) return undefined;
    result.set(join(left), coefficient / by);
  }
  return result;
}

const WORD = /^[A-Za-z_]\w*$/;
const ATOM = String.raw`(?:[A-Za-z_]\w*|\([^()]*\))`;
const TERM = String.raw`(?:\d+(?:\*${ATOM})*|${ATOM}(?:\*${ATOM})*)`;
const EXPRESSION = new RegExp(`^-?${TERM}(?:[+-]${TERM})*$`);
const TERMS = new RegExp(`([+-]?)(${TERM})`, 'g');
const FACTORS = new RegExp(`\\d+|${ATOM}`, 'g');

function parse(dim: number | string): Polynomial {
  if (typeof dim === 'number') return dim === 0 ? new Map() : new Map([['', dim]]);
  if (WORD.test(dim)) return new Map([[dim, 1]]);
  if (!EXPRESSION.test(dim)) return new Map([[`(${dim})`, 1]]);
  const terms = new Map<string, number>();
  for (const [, sign, term] of dim.matchAll(TERMS)) {
    const parts = term.match(FACTORS) ?? [];
    const coefficient = parts.filter((part) => /^\d/.test(part)).reduce((value, part) => value * Number(part), 1);
    add(terms, join(parts.filter((part) => !/^\d/.test(part))), sign === '-' ? -coefficient : coefficient);
  }
  return terms;
}

function print(terms: Polynomial): number | string {
  if (terms.size === 0) return 0;
  const only = terms.size === 1 ? [...terms][0] : undefined;
  if (only?.[0] === '') return only[1];
  // A name alone needs no parentheses: it is the name.
  if (only?.[1] === 1 && /^\([^()]*\)$/.test(only[0])) return only[0].slice(1, -1);
  const inOrder = [...terms].sort(([a], [b]) => factors(b).length - factors(a).length || (a < b ? -1 : 1));
  const text = inOrder.map(([monomial, coefficient]) => {
    const size = Math.abs(coefficient);
    const body = monomial === '' ? String(size) : size === 1 ? monomial : `${size}*${monomial}`;
    return `${coefficient < 0 ? '-' : '+'}${body}`;
  });
  return text.join('').replace(/^\+/, '');
}

function factors(monomial: string): string[] {
  return monomial.match(new RegExp(ATOM, 'g')) ?? [];
}

function join(parts: readonly string[]): string {
  return [...parts].sort().join('*');
}
