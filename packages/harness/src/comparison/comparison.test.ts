import { type DType, numberToBfloat16, numberToFloat16, type Tensor, tensor } from '@rheobase/exporter/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXACT, type Tolerance } from '../tolerances/tolerance.js';
import { compareTensors } from './comparison.js';

const f32 = (...values: number[]): Tensor => tensor('float32', [values.length], Float32Array.from(values));
const f64 = (...values: number[]): Tensor => tensor('float64', [values.length], Float64Array.from(values));
const f16 = (...values: number[]): Tensor =>
  tensor('float16', [values.length], Uint16Array.from(values, numberToFloat16));
const bf16 = (...values: number[]): Tensor =>
  tensor('bfloat16', [values.length], Uint16Array.from(values, numberToBfloat16));
const i64 = (...values: bigint[]): Tensor => tensor('int64', [values.length], BigInt64Array.from(values));

const exactly = (actual: Tensor, expected: Tensor) => compareTensors(actual, expected, { tolerance: EXACT });
const within = (actual: Tensor, expected: Tensor, tolerance: Partial<Tolerance>) =>
  compareTensors(actual, expected, { tolerance: { ...EXACT, ...tolerance } });

describe('classes without distance', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const denormal = 2 ** -149;

  it.each([
    ['two NaNs agree', f32(nan), f32(nan), { verdict: 'agree', nanMismatches: 0 }],
    ['a NaN against a number', f32(nan), f32(1), { verdict: 'diverge', nanMismatches: 1, maxAbs: 0 }],
    ['a number against a NaN', f32(1), f32(nan), { verdict: 'diverge', nanMismatches: 1, maxAbs: 0 }],
    ['a NaN against an infinity is a NaN mismatch', f32(nan), f32(inf), { nanMismatches: 1, infMismatches: 0 }],
    ['equal infinities agree', f32(inf, -inf), f32(inf, -inf), { verdict: 'agree', infMismatches: 0 }],
    ['infinities of opposite sign', f32(inf), f32(-inf), { verdict: 'diverge', infMismatches: 1 }],
    ['an infinity against the largest number', f32(inf), f32(3.4e38), { verdict: 'diverge', infMismatches: 1 }],
    [
      'zeros of opposite sign are told, and agree',
      f32(-0),
      f32(0),
      { verdict: 'agree', signedZeroMismatches: 1, maxUlp: 0 },
    ],
    ['a denormal flushed to +0', f32(0), f32(denormal), { verdict: 'diverge', denormalFlushes: 1, maxUlp: 1 }],
    ['a negative denormal flushed to −0', f32(-0), f32(-denormal), { denormalFlushes: 1 }],
    ['a negative denormal flushed to +0', f32(0), f32(-denormal), { denormalFlushes: 1 }],
    ['a positive denormal is not flushed to −0', f32(-0), f32(denormal), { denormalFlushes: 0 }],
    ['the flush may be on the expected side', f32(denormal), f32(0), { denormalFlushes: 1 }],
    ['the smallest normal number is no denormal', f32(0), f32(2 ** -126), { denormalFlushes: 0, mismatched: 1 }],
    ['float16 has denormals of its own', f16(0), f16(2 ** -15), { denormalFlushes: 1 }],
    ['float64 has denormals of its own', f64(0), f64(5e-324), { denormalFlushes: 1, maxUlp: 1 }],
  ])('%s', (_, actual, expected, found) => {
    expect(exactly(actual, expected)).toMatchObject(found);
  });

  it.each([
    ['nan', f32(nan), f32(nan)],
    ['inf', f32(inf), f32(inf)],
    ['signedZero', f32(-0), f32(0)],
  ] as const)('the policy %s: mismatch makes equal ones diverge', (policy, actual, expected) => {
    expect(exactly(actual, expected).verdict).toBe('agree');
    expect(within(actual, expected, { [policy]: 'mismatch' })).toMatchObject({ verdict: 'diverge', mismatched: 1 });
  });

  it('the policy denormals: flush lets a flushed denormal agree, and still counts it', () => {
    expect(within(f32(0, 1), f32(denormal, 1), { denormals: 'flush' })).toMatchObject({
      verdict: 'agree',
      denormalFlushes: 1,
    });
  });
});

describe('distance', () => {
  it('an element agrees by atol, by rtol, by scale or by ulp, and by nothing else', () => {
    expect(within(f32(1.5), f32(1), { atol: 0.5 }).verdict).toBe('agree');
    expect(within(f32(1.5), f32(1), { rtol: 0.5 }).verdict).toBe('agree');
    expect(within(f32(1.5, 10), f32(1, 10), { scale: 0.05 }).verdict).toBe('agree');
    expect(within(f32(1 + 2 ** -22), f32(1), { ulp: 2 }).verdict).toBe('agree');
    expect(within(f32(1.5, 10), f32(1, 10), { atol: 0.1, rtol: 0.1, scale: 0.01, ulp: 2 })).toMatchObject({
      verdict: 'diverge',
      mismatched: 1,
    });
  });

  it('measures the largest absolute, relative and ULP distance, each over all elements', () => {
    expect(exactly(f32(2, 100, 0), f32(1, 110, 0.25))).toMatchObject({ maxAbs: 10, maxRel: 1, mismatched: 3 });
    expect(exactly(f32(0.5), f32(0)).maxRel).toBe(0);
  });

  it('bfloat16 and float16 count their own representable numbers', () => {
    expect(exactly(bf16(1 + 2 ** -7), bf16(1)).maxUlp).toBe(1);
    expect(exactly(f16(1 + 2 ** -10), f16(1)).maxUlp).toBe(1);
    expect(exactly(f32(1 + 2 ** -23), f32(1)).maxUlp).toBe(1);
    expect(exactly(f64(1 + 2 ** -52), f64(1)).maxUlp).toBe(1);
  });

  it('stays finite where the difference of two doubles overflows', () => {
    const { maxAbs } = exactly(f64(Number.MAX_VALUE), f64(-Number.MAX_VALUE));
    expect(maxAbs).toBe(Number.MAX_VALUE);
  });

  it('names the worst elements with their indices, values and bits, the worst first', () => {
    const actual = tensor('float32', [2, 2], Float32Array.of(1, 2.5, Number.NaN, 5));
    const expected = tensor('float32', [2, 2], Float32Array.of(1, 2, 3, 4));
    expect(compareTensors(actual, expected, { tolerance: EXACT, worst: 2 }).worst).toEqual([
      {
        index: [1, 0],
        kind: 'NaN',
        actual: 'NaN',
        expected: '3',
        actualHex: '0x7fc00000',
        expectedHex: '0x40400000',
        abs: null,
        ulp: null,
      },
      {
        index: [1, 1],
        kind: 'distance',
        actual: '5',
        expected: '4',
        actualHex: '0x40a00000',
        expectedHex: '0x40800000',
        abs: 1,
        ulp: 2 ** 21,
      },
    ]);
  });
});

describe('types that are exact', () => {
  it('64-bit integers beyond 2^53 stay apart', () => {
    const big = 2n ** 53n;
    expect(exactly(i64(big + 1n), i64(big))).toMatchObject({ verdict: 'diverge', mismatched: 1, maxAbs: 1, maxUlp: 1 });
    expect(exactly(i64(2n ** 63n - 1n), i64(-(2n ** 63n)))).toMatchObject({ mismatched: 1, maxAbs: 2 ** 64 });
  });

  it('integers agree within a tolerance only where one is asked for', () => {
    const [a, e] = [tensor('uint8', [2], Uint8Array.of(10, 20)), tensor('uint8', [2], Uint8Array.of(11, 20))];
    expect(exactly(a, e).verdict).toBe('diverge');
    expect(within(a, e, { atol: 1 }).verdict).toBe('agree');
  });

  it('packed 4-bit integers are compared one by one, sign included', () => {
    const [a, e] = [tensor('int4', [3], Uint8Array.of(0x1f, 0x07)), tensor('int4', [3], Uint8Array.of(0x11, 0xf7))];
    // Elements −1, 1, 7 against 1, 1, 7; the unused half byte does not count.
    expect(exactly(a, e)).toMatchObject({ count: 3, mismatched: 1, maxAbs: 2 });
  });

  it('booleans are true or false, whatever byte stands for true', () => {
    const of = (...values: number[]) => tensor('bool', [values.length], Uint8Array.from(values));
    expect(exactly(of(1, 255), of(1, 1))).toMatchObject({ verdict: 'agree', maxAbs: null, cosine: null });
    expect(exactly(of(1, 0), of(1, 1))).toMatchObject({ verdict: 'diverge', mismatched: 1 });
  });

  it('strings are equal or not', () => {
    const of = (...values: string[]) => tensor('string', [values.length], values);
    expect(exactly(of('a', 'b'), of('a', 'b')).verdict).toBe('agree');
    expect(exactly(of('a', 'b'), of('a', 'c'))).toMatchObject({
      mismatched: 1,
      worst: [{ actual: 'b', expected: 'c' }],
    });
  });

  it('complex tensors are compared part by part', () => {
    const of = (...values: number[]) => tensor('complex64', [values.length / 2], Float32Array.from(values));
    expect(exactly(of(1, 2, 3, 4), of(1, 2, 3, 5))).toMatchObject({
      count: 4,
      mismatched: 1,
      worst: [{ index: [1, 1] }],
    });
  });
});

describe('8-bit and 4-bit floats', () => {
  it.each([
    ['float8e4m3fn', 0x7e, '448'],
    ['float8e4m3fn', 0x7f, 'NaN'],
    ['float8e4m3fnuz', 0x7f, '240'],
    ['float8e4m3fnuz', 0x80, 'NaN'],
    ['float8e5m2', 0x7b, '57344'],
    ['float8e5m2', 0x7c, 'Infinity'],
    ['float8e5m2', 0x7d, 'NaN'],
    ['float8e5m2fnuz', 0x7f, '57344'],
    ['float8e5m2', 0x01, String(2 ** -16)],
    ['float8e4m3fn', 0x01, String(2 ** -9)],
    ['float8e8m0', 0x7f, '1'],
    ['float8e8m0', 0xff, 'NaN'],
    ['float4e2m1', 0x07, '6'],
    ['float4e2m1', 0x01, '0.5'],
  ] as const)('%s 0x%s is %s', (dtype: DType, bits, text) => {
    const one = tensor(dtype, [1], Uint8Array.of(bits));
    const zero = tensor(dtype, [1], Uint8Array.of(0));
    expect(exactly(one, zero).worst[0]?.actual).toBe(text);
  });
});

describe('tensors that cannot be compared element by element', () => {
  it('other types and shapes diverge as a whole, with the reason', () => {
    expect(exactly(f64(1), f32(1))).toMatchObject({
      verdict: 'diverge',
      mismatched: 1,
      maxAbs: null,
      reason: 'the type is float64, expected float32',
    });
    const row = tensor('float32', [1, 2], Float32Array.of(1, 2));
    expect(exactly(row, f32(1, 2)).reason).toBe('the shape is [1,2], expected [2]');
  });

  it('empty tensors agree', () => {
    expect(exactly(f32(), f32())).toMatchObject({ verdict: 'agree', count: 0, cosine: null, argmaxAgreement: null });
  });
});

describe('measures of the whole', () => {
  it('SQNR is 20 dB where the error is a tenth of the signal, and null where there is none', () => {
    expect(exactly(f64(1.1, 1.1), f64(1, 1)).sqnrDb).toBeCloseTo(20, 10);
    expect(exactly(f64(1), f64(1)).sqnrDb).toBeNull();
    expect(exactly(f64(1), f64(0)).sqnrDb).toBeNull();
  });

  it('cosine: parallel 1, opposite −1, orthogonal 0, also where squares overflow', () => {
    expect(exactly(f64(1e200, 0), f64(2e200, 0)).cosine).toBe(1);
    expect(exactly(f64(-1e-200), f64(1e200)).cosine).toBe(-1);
    expect(exactly(f64(1, 0), f64(0, 1)).cosine).toBe(0);
    expect(exactly(f64(0, 0), f64(0, 0)).cosine).toBe(1);
  });

  it('argmax agreement goes by rows; the first of equals counts, NaN counts as the largest', () => {
    const rows = (...values: number[]) => tensor('float32', [values.length / 3, 3], Float32Array.from(values));
    expect(exactly(rows(1, 2, 3, 3, 2, 1), rows(1, 2, 3, 1, 2, 3)).argmaxAgreement).toBe(0.5);
    expect(exactly(rows(1, 1, 0), rows(2, 1, 0)).argmaxAgreement).toBe(1);
    expect(exactly(rows(1, Number.NaN, 9), rows(1, 2, 9)).argmaxAgreement).toBe(0);
    expect(
      exactly(tensor('float32', [], Float32Array.of(1)), tensor('float32', [], Float32Array.of(1))).argmaxAgreement,
    ).toBeNull();
  });
});

describe('properties', () => {
  const anyFloat = fc.float({ noDefaultInfinity: false, noNaN: false });
  const pairs = fc.array(fc.tuple(anyFloat, anyFloat), { maxLength: 40 });

  it('a tensor agrees exactly with itself, with every distance 0', () => {
    fc.assert(
      fc.property(fc.array(anyFloat), (values) => {
        expect(exactly(f32(...values), f32(...values))).toMatchObject({
          verdict: 'agree',
          maxAbs: 0,
          maxUlp: 0,
          mismatched: 0,
        });
      }),
    );
  });

  it('everything but the relative measures is the same either way round', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const [a, b] = [f32(...values.map(([x]) => x)), f32(...values.map(([, y]) => y))];
        const [there, back] = [exactly(a, b), exactly(b, a)];
        const symmetric = ({ mismatched, maxAbs, maxUlp, nanMismatches, infMismatches, ...rest }: typeof there) => ({
          mismatched,
          maxAbs,
          maxUlp,
          nanMismatches,
          infMismatches,
          signedZeroMismatches: rest.signedZeroMismatches,
          denormalFlushes: rest.denormalFlushes,
          cosine: rest.cosine,
          argmaxAgreement: rest.argmaxAgreement,
        });
        expect(symmetric(there)).toEqual(symmetric(back));
      }),
    );
  });

  it('survives JSON: no measure is Infinity, NaN or undefined', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 20 }), (values) => {
        const found = exactly(f64(...values.map(([x]) => x)), f64(...values.map(([, y]) => y)));
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }),
    );
  });

  it('the verdict follows the definition of the tolerance', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    const small = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finite, finite), { minLength: 1 }),
        small,
        small,
        small,
        (values, atol, rtol, scale) => {
          const [a, e] = [values.map(([x]) => x), values.map(([, y]) => y)];
          const peak = Math.max(...e.map(Math.abs));
          const outside = a.filter((x, i) => Math.abs(x - e[i]) > atol + scale * peak + rtol * Math.abs(e[i])).length;
          expect(within(f32(...a), f32(...e), { atol, rtol, scale }).mismatched).toBe(outside);
        },
      ),
    );
  });

  it('ULP distance is the number of steps from one float32 to the other', () => {
    const start = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 127), max: 2 ** 127 });
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 50 }), (from, steps) => {
        let to = from;
        for (let step = 0; step < steps; step += 1) to = nextFloat32(to);
        expect(exactly(f32(to), f32(from)).maxUlp).toBe(steps);
      }),
    );
  });

  it('ULP distance of float16 and bfloat16 is the number of representable values in between', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const sorted = finiteSorted(dtype);
      fc.assert(
        fc.property(fc.nat(sorted.length - 1), fc.nat(sorted.length - 1), (i, j) => {
          const at = (k: number) => tensor(dtype, [1], Uint16Array.of(sorted[k] ?? 0));
          expect(exactly(at(i), at(j)).maxUlp).toBe(Math.abs(i - j));
        }),
      );
    }
  });
});

/** The next float32 above, by arithmetic on the value alone: half a spacing up always rounds to the neighbour. */
function nextFloat32(x: number): number {
  if (x === 0) return 2 ** -149;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -126);
  for (const candidate of [exponent - 1, exponent, exponent + 1]) {
    const next = Math.fround(x + 2 ** Math.max(candidate - 23, -149));
    if (next > x) return next;
  }
  throw new Error(`${x} has no next float`);
}

/** The bits of every finite number of a 16-bit format, ascending, one zero. */
function finiteSorted(dtype: 'float16' | 'bfloat16'): number[] {
  const infinity = dtype === 'float16' ? 0x7c00 : 0x7f80;
  const magnitudes = Array.from({ length: infinity }, (_, bits) => bits);
  return [
    ...magnitudes
      .slice(1)
      .toReversed()
      .map((bits) => bits | 0x8000),
    ...magnitudes,
  ];
}
