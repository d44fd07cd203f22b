/** Identifiers and strings of ONNX's textual syntax: what is no plain identifier, or would read as a type, is quoted. */

/** Words that begin a type or a number where a name could stand. */
const RESERVED = new Set([
  ...['float', 'double', 'string', 'bool', 'bfloat16', 'float16', 'complex64', 'complex128'],
  ...['int2', 'int4', 'int8', 'int16', 'int32', 'int64', 'uint2', 'uint4', 'uint8', 'uint16', 'uint32', 'uint64'],
  ...['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'float8e8m0', 'float4e2m1', 'undefined'],
  ...['seq', 'map', 'optional', 'sparse_tensor', 'opaque', 'nan', 'inf', 'infinity'],
]);

/** `x`, or `"layer.0/x"`. */
export function name(text: string): string {
  return isIdentifier(text) && !RESERVED.has(text.toLowerCase()) ? text : quoted(text);
}

export function names(texts: readonly string[]): string {
  return texts.map(name).join(', ');
}

/** A name of which the syntax has no quoted form (operators, attributes); quoted all the same where it must be. */
export function plainName(text: string): string {
  return isIdentifier(text) ? text : quoted(text);
}

/** `com.example.ml`, an operator's or a type's domain. */
export function dottedName(text: string): string {
  return text.split('.').every(isIdentifier) ? text : quoted(text);
}

/**
 * In the syntax a backslash makes the next character literal; there are no other escapes. Control characters but line
 * breaks and tabs become U+FFFD, because no text can hold all of them and terminals obey some.
 */
export function quoted(text: string): string {
  return `"${printable(text).replace(/["\\]/g, '\\$&')}"`;
}

/** Text for a comment, which a line break would end. */
export function commentText(text: string): string {
  return printable(text).replace(/[\n\r]+/g, ' ');
}

function printable(text: string): string {
  return text.replace(/(?![\n\r\t])\p{Cc}/gu, '\ufffd');
}

function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}
