import { describe, expect, it } from 'vitest';
import { toleranceOverrides } from './tolerances.js';

describe('tolerances', () => {
  it('are for all outputs, or for one by name', () => {
    expect(toleranceOverrides({ atol: ['1e-3', 'a=b=1e-4'], ulp: ['out=2'], nan: 'mismatch' })).toEqual({
      all: { atol: 1e-3, nan: 'mismatch' },
      outputs: { 'a=b': { atol: 1e-4 }, out: { ulp: 2 } },
    });
  });

  it.each(['x', '-1', 'out=', '', 'out=much'])('%j is refused', (text) => {
    expect(() => toleranceOverrides({ rtol: [text] })).toThrow(/--rtol: .* is no tolerance; write a number/);
  });
});
