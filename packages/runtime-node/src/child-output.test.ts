import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { lastLines, meaningfulLine } from './child-output.js';

describe('meaningfulLine', () => {
  it('finds the reason in what V8 prints before it aborts', () => {
    const lines = [
      '<--- Last few GCs --->',
      '[11267:0x373ecc70]      320 ms: Mark-Compact (reduce) 4.5 (9.7) -> 4.5 (6.0) MB, external memory pressure',
      '<--- JS stacktrace --->',
      'FATAL ERROR: v8::ArrayBuffer::New Allocation failed - process out of memory',
      '----- Native stack trace -----',
      '',
      ' 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/usr/bin/node]',
    ];
    expect(meaningfulLine(lines)).toBe('FATAL ERROR: v8::ArrayBuffer::New Allocation failed - process out of memory');
  });

  it('finds the error of an uncaught JavaScript exception', () => {
    const lines = [
      'file:///a.js:1',
      "throw new Error('no')",
      '^',
      '',
      'Error: no',
      '    at file:///a.js:1:7',
      '',
      'Node.js v20.20.2',
    ];
    expect(meaningfulLine(lines)).toBe('Error: no');
  });

  it("takes off ONNX Runtime's colours and timestamp", () => {
    const line =
      '\u001b[1;31m2026-11-24 02:58:11.816936967 [E:onnxruntime:onnxruntime-node, a.cc:2146 Create] Failed to load library\u001b[m';
    expect(meaningfulLine([line, '\u001b[m'])).toBe('Failed to load library');
  });

  it('takes the last line where none is telling, and nothing where there is none', () => {
    expect(meaningfulLine(['one', 'two', ''])).toBe('two');
    expect(meaningfulLine([''])).toBeUndefined();
  });
});

describe('lastLines', () => {
  it('joins lines cut by chunks and keeps only the end', async () => {
    const stream = Readable.from([`${'x\n'.repeat(5000)}Err`, 'or: a', '\nlast'].map((text) => Buffer.from(text)));
    const lines = lastLines(stream);
    while (!stream.readableEnded) await setImmediate();
    expect(lines.slice(-2)).toEqual(['Error: a', 'last']);
    expect(lines.length).toBeLessThan(300);
  });
});
