/**
 * The tolerance that two backends are held to where no graph is known to derive a tighter one from (see graph-bounds), by
 * element type and by how the providers compute. The figures allow what the specifications of the providers allow, and about ten times the noise seen between
 * correct ones; a wrong kernel, weight or attribute is usually orders of magnitude outside.
 *
 * Sources:
 * - ONNX backend test runner: rtol 1e-3, atol 1e-7 for every operator's own test.
 * - WebNN conformance tests (web-platform-tests, webnn/resources/utils.js): 2 ULP per term of a matmul or convolution,
 *   3 ULP per element of a softmax row, 34 ULP for sigmoid, 18 for elu, gelu and softplus, 16 for tanh, 0 for relu and
 *   for whatever only moves data. A dot product of 1,024 terms may thus be 2,048 ULP (1.2e-4 of its value) off in float32.
 * - WGSL, section "Floating point accuracy": division 2.5 ULP, exp 3 + 2·|x| ULP, log 2^-21 absolute near 1, tanh 1e-5
 *   absolute at worst; operations may be reassociated and fused; denormals may be flushed to zero on input and output.
 * - ONNX Runtime, CUDA provider, `use_tf32` (on by default): float32 products from Ampere on keep 10 bits of fraction.
 * - Higham, "Accuracy and Stability of Numerical Algorithms" (2002), section 3.1: the error of a sum is bounded by the
 *   magnitude of its terms, whatever is left after cancellation; hence `scale`.
 */
import { type DType, dtypeKind } from '@rheobase/exporter/tensor';
import type { BackendId } from '@rheobase/runtime';
import { EXACT, type Tolerance } from './tolerance.js';

/**
 * - `cpu`: IEEE 754 arithmetic; other SIMD widths add in another order, and may fuse multiply and add.
 * - `gpu`: the freedoms of WGSL: few-ULP transcendentals, reassociation, flushed denormals.
 * - `reduced`: float32 products may be computed with fewer bits (TF32 on CUDA, float16 in neural engines).
 */
export type Arithmetic = 'cpu' | 'gpu' | 'reduced';

const ARITHMETIC_OF_PROVIDER: Readonly<Record<string, Arithmetic>> = {
  cpu: 'cpu',
  wasm: 'cpu',
  xnnpack: 'cpu',
  webgpu: 'gpu',
  webgl: 'gpu',
  cuda: 'reduced',
  tensorrt: 'reduced',
  dml: 'reduced',
  coreml: 'reduced',
  webnn: 'reduced',
  qnn: 'reduced',
};

const RANK: readonly Arithmetic[] = ['cpu', 'gpu', 'reduced'];

/** How a backend computes, by its provider; an unknown one is given the freedoms of a GPU. */
export function arithmeticOf(backend: BackendId): Arithmetic {
  const provider = backend.slice(backend.indexOf('/') + 1);
  return ARITHMETIC_OF_PROVIDER[provider] ?? 'gpu';
}

/** The wider of what two backends may do, whichever is which. */
export function widerArithmetic(backend: BackendId, baseline: BackendId): Arithmetic {
  return RANK[Math.max(RANK.indexOf(arithmeticOf(backend)), RANK.indexOf(arithmeticOf(baseline)))] ?? 'gpu';
}

type Distances = Pick<Tolerance, 'atol' | 'rtol' | 'scale' | 'ulp'>;

const DOUBLE: Distances = { atol: 1e-14, rtol: 1e-10, scale: 1e-13, ulp: 4 };

const FLOAT_DISTANCES: Readonly<Partial<Record<DType, Readonly<Record<Arithmetic, Distances>>>>> = {
  float32: {
    cpu: { atol: 1e-7, rtol: 1e-4, scale: 1e-6, ulp: 4 },
    gpu: { atol: 1e-5, rtol: 1e-3, scale: 1e-5, ulp: 4 },
    reduced: { atol: 1e-5, rtol: 1e-2, scale: 1e-3, ulp: 4 },
  },
  // No GPU of the web computes in double: there, too, these nodes run on the CPU.
  float64: { cpu: DOUBLE, gpu: DOUBLE, reduced: DOUBLE },
  // A CPU computes 16-bit floats in float32 and rounds after each node; a GPU may also add up in 16 bits.
  float16: {
    cpu: { atol: 1e-6, rtol: 4e-3, scale: 1e-3, ulp: 2 },
    gpu: { atol: 1e-5, rtol: 1e-2, scale: 5e-3, ulp: 4 },
    reduced: { atol: 1e-5, rtol: 1e-2, scale: 5e-3, ulp: 4 },
  },
  bfloat16: {
    cpu: { atol: 1e-6, rtol: 3.2e-2, scale: 8e-3, ulp: 2 },
    gpu: { atol: 1e-5, rtol: 6.4e-2, scale: 1.6e-2, ulp: 4 },
    reduced: { atol: 1e-5, rtol: 6.4e-2, scale: 1.6e-2, ulp: 4 },
  },
};

/** The 8-bit and 4-bit floats are results of quantisation, where an error before rounding moves a value by one step. */
const QUANTISED: Distances = { atol: 0, rtol: 0, scale: 0, ulp: 1 };

const WHY: Readonly<Record<Arithmetic, string>> = {
  cpu: 'IEEE arithmetic that adds in another order (2 ULP per term, WebNN conformance; atol of the ONNX backend tests)',
  gpu: 'WGSL accuracy: few-ULP transcendentals, tanh within 1e-5, reassociation, denormals flushed to zero',
  reduced: 'the provider may multiply with fewer bits than the type has (TF32, float16)',
};

/** The tolerance between a backend and the baseline for outputs of one type: the wider of what the two may do. */
export function defaultTolerance(dtype: DType, backend: BackendId, baseline: BackendId): Tolerance {
  const kind = dtypeKind(dtype);
  if (kind !== 'float' && kind !== 'complex') return EXACT;
  const arithmetic = widerArithmetic(backend, baseline);
  const real = dtype === 'complex64' ? 'float32' : dtype === 'complex128' ? 'float64' : dtype;
  const distances = FLOAT_DISTANCES[real]?.[arithmetic] ?? QUANTISED;
  return {
    ...EXACT,
    ...distances,
    denormals: arithmetic === 'cpu' ? 'exact' : 'flush',
    reason: distances === QUANTISED ? 'quantised: one step of the format' : `${real}: ${WHY[arithmetic]}`,
  };
}
