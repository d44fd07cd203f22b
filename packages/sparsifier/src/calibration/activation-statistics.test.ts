import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActivationStatistics, BINS, type GateKind } from './activation-statistics.js';

const anyFloat = fc.float({ noNaN: true });
const ordinary = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1024, max: 1024 });

describe('bins', () => {
  it('hold the numbers that they say', () => {
    fc.assert(
      fc.property(ordinary, (value) => {
        const bin = BINS.of(value);
        expect(BINS.lower(bin)).toBeLessThanOrEqual(value);
        expect(BINS.upper(bin)).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it('are as fine as they say', () => {
    const bin = BINS.of(3);
    expect(BINS.upper(bin) / BINS.lower(bin)).toBeLessThan(1 + 1 / 16 + 1e-6);
  });
});

describe('statistics', () => {
  const gates: readonly GateKind[] = ['value', 'magnitude'];

  it.each(gates)('a quantile silences the share it was asked for, to a bin: %s', (gate) => {
    fc.assert(
      fc.property(
        fc.array(ordinary, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const data = Float32Array.from(values);
          const statistics = new ActivationStatistics(1);
          statistics.add(data);
          const theta = statistics.quantile(share, gate);
          const measure = gate === 'value' ? (value: number) => value : Math.abs;
          // The exact threshold lies in the same bin as the one found.
          const sorted = Array.from(data, measure).sort((a, b) => a - b);
          const exact = sorted[Math.min(sorted.length, Math.ceil(share * sorted.length)) - 1] ?? 0;
          const bin = BINS.of(exact);
          expect(theta).toBeGreaterThanOrEqual(Math.fround(BINS.lower(bin)) - 2 ** -15);
          expect(theta).toBeLessThanOrEqual(BINS.upper(bin) + 2 ** -15);
        },
      ),
    );
  });

  it('counts zeros, NaN and infinities', () => {
    const statistics = new ActivationStatistics(2);
    statistics.add(Float32Array.of(0, -0, Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
    expect(statistics.nans).toBe(1);
    expect(statistics.count).toBe(5);
    expect(statistics.zeroShare).toBe(2 / 5);
    expect([statistics.isDead(0, 1e3), statistics.isDead(1, 2), statistics.isDead(1, 0)]).toEqual([false, true, false]);
  });

  it('is the same however the values are cut into batches', () => {
    fc.assert(
      fc.property(fc.array(anyFloat, { minLength: 6, maxLength: 60 }), (values) => {
        const data = Float32Array.from(values.slice(0, values.length - (values.length % 3)));
        const whole = new ActivationStatistics(3);
        whole.add(data);
        const parts = new ActivationStatistics(3);
        parts.add(data.subarray(0, 3));
        parts.add(data.subarray(3));
        expect(sameBytes(parts, whole)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('tells channels apart, also where they are not the last axis', () => {
    const last = new ActivationStatistics(2);
    last.add(Float32Array.of(1, -5, 2, -6, 3, -7));
    const inner = new ActivationStatistics(2);
    inner.add(Float32Array.of(1, 2, 3, -5, -6, -7), 3);
    expect(inner).toEqual(last);
    expect(last.channelQuantile(0, 1)).toBeCloseTo(3, 0);
    expect(last.channelSilentShare(1, 0)).toBe(1);
    expect([last.isDead(0, 0), last.isDead(1, 0), last.isDead(1, 0, 'magnitude')]).toEqual([false, true, false]);
  });

  it('silences what it says', () => {
    const statistics = new ActivationStatistics(1);
    statistics.add(Float32Array.from({ length: 1000 }, (_, index) => (index - 500) / 100));
    for (const theta of [-3, 0, 1.5, 4]) {
      expect(statistics.silentShare(theta)).toBeCloseTo((theta * 100 + 500) / 1000, 1);
      expect(statistics.silentShare(Math.abs(theta), 'magnitude')).toBeCloseTo(Math.abs(theta) / 5, 1);
    }
  });
});

function sameBytes(a: ActivationStatistics, b: ActivationStatistics): boolean {
  return Buffer.from(a.counts.buffer).equals(Buffer.from(b.counts.buffer));
}
