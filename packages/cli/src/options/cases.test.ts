import { describe, expect, it } from 'vitest';
import { type CaseArguments, caseSource } from './cases.js';
import { parseSweeps } from './dims.js';
import { parseDistributions, parseRanges } from './distributions.js';

describe('options of random values', () => {
  it('ranges are of all inputs or of one, whatever its name', () => {
    expect(parseRanges(['-3:3', 'x=0:1e2', 'in=put:0=-1:0'])).toEqual({
      all: { low: -3, high: 3 },
      byName: { x: { low: 0, high: 100 }, 'in=put:0': { low: -1, high: 0 } },
    });
  });

  it('distributions take parameters or have their usual ones', () => {
    expect(parseDistributions(['normal', 'x=uniform:2:3,y=loguniform'])).toEqual({
      all: { kind: 'normal', mean: 0, deviation: 1 },
      byName: { x: { kind: 'uniform', low: 2, high: 3 }, y: { kind: 'logUniform', low: 1e-6, high: 1e6 } },
    });
  });

  it.each(['x', 'x=1', 'x=3:1', 'x=1:2:3', 'x=a:b', ':'])('%j is no range', (text) => {
    expect(() => parseRanges([text])).toThrow('is no range; write it as x=-3:3');
  });

  it.each(['gauss', 'x=normal:a', 'uniform:1:2:3', 'loguniform:0:1', 'normal:0:-1', 'constructor'])(
    '%j is no distribution',
    (text) => {
      expect(() => parseDistributions([text])).toThrow('is no distribution; write it as normal');
    },
  );
});

describe('sweeps', () => {
  it('are lists of extents by name', () => {
    expect(parseSweeps(['batch=1,2,7,64', 'x[1]=3'])).toEqual({ batch: [1, 2, 7, 64], 'x[1]': [3] });
  });

  it.each(['batch', 'batch=', 'batch=1,x', 'batch=-1'])('%j is none', (text) => {
    expect(() => parseSweeps([text])).toThrow('is no sweep; write it as batch=1,2,7,64');
  });
});

it.each<[Partial<CaseArguments>, string]>([
  [{ inputs: 'x.npy', range: ['0:1'] }, '--range: has no effect beside --inputs'],
  [{ inputs: 'x.npy', sweep: ['n=1'] }, '--sweep: has no effect beside --inputs'],
  [{ values: 'special', dist: ['normal'] }, '--dist: has no effect beside --values special'],
  [{ sweep: ['n=1,2'], dim: ['n=1'] }, 'dimension n: is fixed and swept at the same time'],
])('%j is refused', async (given, message) => {
  const args: CaseArguments = { values: 'random', cases: 1, seed: 0, ...given };
  await expect(caseSource(args)).rejects.toThrow(message);
});
