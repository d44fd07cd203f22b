/**
 * The smallest model that shows a provider at work: y = x + x over two floats, opset 13. It is spelled out in
 * protobuf bytes so that a page can probe without carrying a model builder.
 */

const text = new TextEncoder();

/** A length-delimited protobuf field (wire type 2); all lengths here are below 128. */
function field(number: number, ...parts: (Uint8Array | string)[]): Uint8Array {
  const bytes = parts.map((part) => (typeof part === 'string' ? text.encode(part) : part));
  const body = Uint8Array.from(bytes.flatMap((part) => [...part]));
  return Uint8Array.from([(number << 3) | 2, body.length, ...body]);
}

function varint(number: number, value: number): Uint8Array {
  return Uint8Array.from([number << 3, value]);
}

/** ValueInfoProto of a float vector of two elements. */
function floatPair(number: number, name: string): Uint8Array {
  const shape = field(2, field(1, varint(1, 2)));
  return field(number, field(1, name), field(2, field(1, varint(1, 1), shape)));
}

export function probeModel(): Uint8Array {
  const node = field(1, field(1, 'x'), field(1, 'x'), field(2, 'y'), field(3, 'double'), field(4, 'Add'));
  const graph = field(7, node, field(2, 'probe'), floatPair(11, 'x'), floatPair(12, 'y'));
  return Uint8Array.from([...varint(1, 7), ...graph, ...field(8, varint(2, 13))]);
}
