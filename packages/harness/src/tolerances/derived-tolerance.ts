/** An error bound as a tolerance between two backends, and the tolerance of a node by itself. */
import { type DType, dtypeKind } from '@rheobase/exporter/tensor';
import type { Arithmetic } from './default-tolerances.js';
import { type ErrorBound, total } from './error-bound.js';
import { EXACT, type Tolerance } from './tolerance.js';

interface Format {
  readonly epsilon: number;
  readonly smallestNormal: number;
  readonly name: string;
}

const FORMATS: Readonly<Partial<Record<DType, Format>>> = {
  float16: { epsilon: 2 ** -10, smallestNormal: 2 ** -14, name: 'float16' },
  bfloat16: { epsilon: 2 ** -7, smallestNormal: 2 ** -126, name: 'bfloat16' },
  float32: { epsilon: 2 ** -23, smallestNormal: 2 ** -126, name: 'float32' },
  complex64: { epsilon: 2 ** -23, smallestNormal: 2 ** -126, name: 'float32' },
  float64: { epsilon: 2 ** -52, smallestNormal: 2 ** -1022, name: 'float64' },
  complex128: { epsilon: 2 ** -52, smallestNormal: 2 ** -1022, name: 'float64' },
};

/** The 8-bit and 4-bit floats are results of quantisation, where an error before rounding moves a value by one step. */
const QUANTISED: Tolerance = { ...EXACT, ulp: 1, reason: 'quantised: one step of the format' };

/** `of` says whose bound it is: the model's up to a value, or one node's own. */
export function derivedTolerance(
  bound: ErrorBound,
  dtype: DType,
  arithmetic: Arithmetic,
  of: 'graph' | 'node' = 'graph',
): Tolerance {
  const kind = dtypeKind(dtype);
  if (kind !== 'float' && kind !== 'complex') return EXACT;
  const format = FORMATS[dtype];
  if (format === undefined) return QUANTISED;
  const { relative, scale, absolute } = bound;
  const sum = total(bound);
  return {
    ...EXACT,
    atol: sum === 0 ? 0 : absolute + format.smallestNormal,
    rtol: relative,
    scale,
    // Rounding to a coarser format than the error came from may move a value by one step whatever the error.
    ulp: sum === 0 ? 0 : 1,
    denormals: arithmetic === 'cpu' ? 'exact' : 'flush',
    reason: reasonOf(sum / format.epsilon, format.name, of, arithmetic),
  };
}

const HOW: Readonly<Record<Arithmetic, string>> = {
  cpu: 'IEEE arithmetic in another order',
  gpu: 'accuracy of WGSL',
  reduced: 'products with fewer bits (TF32, float16)',
};

function reasonOf(ulp: number, format: string, of: 'graph' | 'node', arithmetic: Arithmetic): string {
  const whose = of === 'graph' ? 'the operators up to here' : 'this operator alone';
  if (ulp === 0) return `${whose} round nothing`.replace('alone round', 'alone rounds');
  return `${format}: ${ulp < 10 ? ulp.toFixed(1) : Math.round(ulp)} ULP from ${whose} (${HOW[arithmetic]})`;
}
