import { afterEach, describe, expect, it, vi } from 'vitest';
import { tapConsole } from './console-tap.js';

describe('tapConsole', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Binds the console as it starts, like a WASM module. */
  const startPrinter = async () => {
    await Promise.resolve();
    return console.log.bind(console);
  };

  it('takes the lines of the module, and only while it is asked to', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { started: print, tap } = await tapConsole(startPrinter);
    print('before');
    expect(
      tap.linesOf(() => {
        print('[');
        print('a', 1);
        console.log('somebody else');
      }),
    ).toBe('[\na 1');
    print('after');
    expect(log.mock.calls).toEqual([['before'], ['somebody else'], ['after']]);
  });

  it('gives the console back, also where the module does not start', async () => {
    const { log } = console;
    await tapConsole(startPrinter);
    expect(console.log).toBe(log);
    await expect(tapConsole(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(console.log).toBe(log);
  });
});
