/**
 * Student's t: how far a mean of few values may lie from the truth.
 * Source: Abramowitz and Stegun, 26.7.1 (through the incomplete beta function, 26.5.8 as a continued fraction).
 */

/** The number that t of some degrees of freedom stays below with a probability between 0.5 and 1. */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (below(high, freedom) < probability) high *= 2;
  for (let round = 0; round < 80; round += 1) {
    const middle = (low + high) / 2;
    if (below(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T < t) for t ≥ 0. */
function below(t: number, freedom: number): number {
  return 1 - incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/** The regularised Iₓ(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x === 0 || x === 1) return x;
  const front = Math.exp(a * Math.log(x) + b * Math.log(1 - x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2)
    ? (front / a) * continuedFraction(x, a, b)
    : 1 - (front / b) * continuedFraction(1 - x, b, a);
}

/** By Lentz's method. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const kept = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 300; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    const change = d * c;
    result *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return result;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Lanczos' approximation, g = 7 and nine terms. */
function logGamma(z: number): number {
  const terms = [
    ...[0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059],
    ...[12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7],
  ];
  const shifted = z - 1;
  const sum = terms.slice(1).reduce((total, term, at) => total + term / (shifted + at + 1), terms[0]);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}
