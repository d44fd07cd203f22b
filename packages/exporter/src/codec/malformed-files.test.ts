import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { NODE_CASES } from '../../test/onnx-cases.js';
import { FULL_MODEL } from '../../test/sample-models.js';
import { RheobaseError } from '../errors.js';
import type { Model } from '../model/model.js';
import { allTensors } from '../model/queries.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';

/** Every part of the format, and (where the ONNX project's tests are there) a few dozen files of other writers. */
const FILES: readonly Uint8Array[] = [
  encodeModel(FULL_MODEL),
  ...NODE_CASES.filter((_, index) => index % 20 === 0).map(({ path }) => new Uint8Array(readFileSync(path))),
];

/** Reads the bytes and everything they promise. Undefined where that worked, else what was thrown. */
function failure(bytes: Uint8Array): unknown {
  try {
    const model = decodeModel(bytes);
    readElements(model);
    decodeModel(encodeModel(model));
    return undefined;
  } catch (error) {
    return error;
  }
}

function readElements(model: Model): void {
  for (const { content } of allTensors(model)) if (content.kind === 'inline') content.data();
}

function expectHandled(bytes: Uint8Array, what: string): void {
  const error = failure(bytes);
  if (error === undefined) return;
  expect(error, what).toBeInstanceOf(RheobaseError);
  const { code, message } = error as RheobaseError;
  expect(code, what).toBe('bad-input');
  expect(message.length, what).toBeLessThan(1000);
  // These come from the engine: a limit was hit that should have been seen coming.
  expect(message, what).not.toMatch(/call stack|Invalid (typed )?array length|allocation failed|Invalid string/i);
}

describe('files of many writers, damaged', () => {
  it('cut after any byte', () => {
    for (const [index, bytes] of FILES.entries()) {
      const step = bytes.length > 2000 ? 7 : 1;
      for (let length = 1; length < bytes.length; length += step) {
        expectHandled(bytes.subarray(0, length), `file ${index} cut at ${length}`);
      }
    }
  });

  it('with any byte made small, large, or a length that goes on', () => {
    for (const [index, bytes] of FILES.entries()) {
      const step = bytes.length > 2000 ? 23 : 2;
      const damaged = bytes.slice();
      for (let position = 0; position < bytes.length; position += step) {
        for (const value of [0, 0x7f, 0xff]) {
          damaged[position] = value;
          expectHandled(damaged, `file ${index} with ${value} at ${position}`);
        }
        damaged[position] = bytes[position];
      }
    }
  });

  const HUGE = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f);
  const edit = fc.oneof(
    fc.record({
      kind: fc.constant('change' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(255),
    }),
    fc.record({ kind: fc.constant('inflate' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({
      kind: fc.constant('repeat' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(200),
    }),
    fc.record({
      kind: fc.constant('drop' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(20),
    }),
  );

  it('with bytes changed, lengths inflated, parts repeated or left out', () => {
    fc.assert(
      fc.property(fc.nat(FILES.length - 1), fc.array(edit, { minLength: 1, maxLength: 6 }), (index, edits) => {
        let bytes = Buffer.from(FILES[index]);
        for (const one of edits) {
          const at = Math.floor(one.at * bytes.length);
          const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
          if (one.kind === 'change') bytes = Buffer.concat([before, Uint8Array.of(one.value), after.subarray(1)]);
          if (one.kind === 'inflate') bytes = Buffer.concat([before, HUGE, after.subarray(1)]);
          if (one.kind === 'repeat') bytes = Buffer.concat([before, after.subarray(0, one.length), after]);
          if (one.kind === 'drop') bytes = Buffer.concat([before, after.subarray(one.length)]);
        }
        expectHandled(bytes, `file ${index}`);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('small files that ask for much', () => {
  const field = (number: number, content: Uint8Array): Uint8Array =>
    new protobuf.Writer()
      .uint32(number * 8 + 2)
      .bytes(content)
      .finish();
  const bytes = (...parts: (Uint8Array | number)[]): Uint8Array =>
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
  const varint = (value: number): Uint8Array => new protobuf.Writer().uint64(value).finish();
  const times = (count: number, unit: Uint8Array): Uint8Array =>
    Buffer.concat(Array.from({ length: count }, () => unit));
  const model = (graph: Uint8Array) => bytes(8, 10, field(7, graph));
  const tensor = (...parts: (Uint8Array | number)[]) => model(field(5, bytes(...parts)));

  /** Fields around one another: those of `start`, then `cycle` again and again. */
  function nested(start: readonly number[], cycle: readonly number[], levels: number): Uint8Array {
    const path = Array.from({ length: levels }, (_, level) =>
      level < start.length ? start[level] : cycle[(level - start.length) % cycle.length],
    );
    const heads: Uint8Array[] = [];
    let length = 0;
    for (const number of path.toReversed()) {
      const head = new protobuf.Writer()
        .uint32(number * 8 + 2)
        .uint32(length)
        .finish();
      heads.push(head);
      length += head.length;
    }
    return Buffer.concat([Uint8Array.of(8, 10), ...heads.toReversed()]);
  }

  it.each<[string, Uint8Array, string]>([
    ['100,000 graphs in one another', nested([7], [1, 5, 6], 300_001), 'nested deeper'],
    ['100,000 types in one another', nested([7, 11, 2], [4, 1], 200_000), 'nested deeper'],
    ['100,000 groups of a field unknown', bytes(8, 10, field(7, times(100_000, Uint8Array.of(0xc3, 0x3e)))), 'depth'],
    ['an extent of 2^53 − 1', tensor(8, varint(2 ** 53 - 1), 16, 1, 0x4a, 0), 'beyond any memory'],
    ['an extent of 2^50', tensor(8, varint(2 ** 50), 16, 1, 0x4a, 0), 'takes 4503599627370496 bytes, raw_data has 0'],
    ['an extent beyond that', tensor(8, varint(2 ** 60), 16, 1), 'out of range'],
    ['extents whose product overflows', tensor(times(40, bytes(8, varint(2 ** 40))), 16, 1), 'beyond any memory'],
    ['a million extents', tensor(times(1_000_000, Uint8Array.of(8, 2)), 16, 1), 'beyond any memory'],
    ['a negative extent', tensor(8, varint(-3), 16, 1), 'has the extent -3'],
    ['a billion strings', tensor(8, varint(1e9), 16, 8), 'takes 1000000000 elements, the file has 0'],
    ['a billion packed integers', tensor(8, varint(1e9), 16, 7, 0x3a, 1, 0), 'takes 1000000000 stored elements'],
  ])('%s', (_, content, message) => {
    expect(() => decodeModel(content)).toThrow(message);
    expectHandled(content, message);
  });

  it('one tensor name of a megabyte, and one that would clear the terminal', () => {
    expect(() => decodeModel(tensor(0x42, varint(2 ** 20), times(2 ** 20, Uint8Array.of(0x41)), 8, 1, 16, 1))).toThrow(
      /^tensor 'A{80}…': /,
    );
    expect(() => decodeModel(tensor(0x42, 4, new TextEncoder().encode('\x1b[2J'), 8, 1, 16, 1))).toThrow(
      "tensor '\\u001b[2J'",
    );
  });

  it.each<[string, Uint8Array]>([
    ['nodes', model(times(250_000, Uint8Array.of(0x0a, 0)))],
    ['value infos', model(times(250_000, Uint8Array.of(0x5a, 0)))],
    ['fields of a later version', model(times(250_000, Uint8Array.of(0xc0, 0x3e, 5)))],
    ['graphs, each replacing parts of the last', bytes(8, 10, times(250_000, Uint8Array.of(0x3a, 0)))],
    ['metadata entries of one key', model(times(250_000, Uint8Array.of(0x82, 1, 0)))],
  ])('%s by the hundred thousand: time and memory in proportion to the file', (_, content) => {
    const start = performance.now();
    const before = memory();
    expectHandled(content, 'many');
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(memory() - before).toBeLessThan(1000 * content.length);
  });

  function memory(): number {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  }
});
