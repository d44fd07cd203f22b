/**
 * Generates src/generated/onnx-proto.ts from proto-fields.json: for every message of the ONNX format an interface, a
 * blank one, a reader and a writer over protobufjs' low-level Reader and Writer.
 *
 * Why not protobufjs' own reflection: it compiles with `new Function` (forbidden on pages with a strict content
 * policy), copies packed weights into arrays, and knows nothing of our limits. Static code is as fast and readable.
 *
 *     node schema/generate-proto.mjs           writes the module
 *     node schema/generate-proto.mjs --print   prints it (the test compares)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const facts = JSON.parse(readFileSync(new URL('./proto-fields.json', import.meta.url), 'utf8'));
const target = new URL('../src/generated/onnx-proto.ts', import.meta.url);

/** 64-bit fields that count or version something: read as a number, refused beyond 2^53. The others are bigint. */
const SAFE_INTEGERS = new Set([
  'ModelProto.ir_version',
  'OperatorSetIdProto.version',
  'TensorProto.dims',
  'SparseTensorProto.dims',
  'TensorShapeProto.Dimension.dim_value',
]);

const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 };

/** How each scalar type is read, written and typed. */
const SCALARS = {
  string: { ts: 'string', wire: WIRE.delimited, read: 'r.stringVerify()', write: (v) => `w.string(${v})` },
  bytes: { ts: 'Uint8Array', wire: WIRE.delimited, read: 'r.bytes()', write: (v) => `w.bytes(${v})` },
  float: { ts: 'number', wire: WIRE.fixed32, read: 'r.float()', write: (v) => `w.float(${v})` },
  double: { ts: 'number', wire: WIRE.fixed64, read: 'r.double()', write: (v) => `w.double(${v})` },
  int32: { ts: 'number', wire: WIRE.varint, read: 'r.int32()', write: (v) => `w.int32(${v})` },
  int64: { ts: 'bigint', wire: WIRE.varint, read: 'readInt64(r)', write: (v) => `writeInt64(w, ${v})` },
  uint64: { ts: 'bigint', wire: WIRE.varint, read: 'readInt64(r)', write: (v) => `writeInt64(w, ${v})` },
  safeInteger: { ts: 'number', wire: WIRE.varint, read: 'readSafeInteger(r)', write: (v) => `w.int64(${v})` },
};

function fieldsOf(message) {
  return Object.entries(facts.messages[message])
    .map(([name, fact]) => describe(message, name, fact))
    .sort((a, b) => a.number - b.number);
}

function describe(message, name, fact) {
  const property = camel(name);
  const repeated = fact.label === 'repeated';
  const common = { ...fact, property, repeated };
  const nested = resolve(message, fact.type, facts.messages);
  if (nested !== undefined) return { ...common, nested: typeName(nested), ts: typeName(nested), wire: WIRE.delimited };
  if (fact.packed) return { ...common, ts: 'PackedField', wire: WIRE.delimited };
  if (SAFE_INTEGERS.has(`${message}.${name}`))
    return { ...common, scalar: SCALARS.safeInteger, ...SCALARS.safeInteger };
  const scalar = SCALARS[fact.type] ?? (resolve(message, fact.type, facts.enums) && SCALARS.int32);
  if (scalar === undefined) throw new Error(`${message}.${name}: unknown type ${fact.type}`);
  return { ...common, scalar, ts: scalar.ts, wire: scalar.wire };
}

/** A type name is looked up inside the message first, then outside, as protobuf scopes it. */
function resolve(message, type, table) {
  const scopes = message.split('.');
  for (let depth = scopes.length; depth >= 0; depth -= 1) {
    const candidate = [...scopes.slice(0, depth), type].join('.');
    if (Object.hasOwn(table, candidate)) return candidate;
  }
  return undefined;
}

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const typeName = (message) => message.replaceAll('.', '');
const tag = (number, wire) => number * 8 + wire;

function interfaceOf(message, fields) {
  const lines = fields.map(
    ({ property, ts, repeated, packed }) => `  ${property}?: ${repeated && !packed ? `${ts}[]` : ts} | undefined;`,
  );
  return [`export interface ${typeName(message)} {`, ...lines, '  unknown?: Uint8Array[] | undefined;', '}'].join('\n');
}

/** All fields in one order: an object made here has the same hidden class wherever its fields are set later. */
function blankOf(message, fields) {
  const type = typeName(message);
  const absent = [...fields.map(({ property }) => `${property}: undefined`), 'unknown: undefined'].join(', ');
  return [`export function blank${type}(): ${type} {`, `  return { ${absent} };`, '}'].join('\n');
}

function readerOf(message, fields) {
  const type = typeName(message);
  return [
    `export function read${type}(r: Reader, end: number, depth: number, into?: ${type}): ${type} {`,
    '  checkDepth(r, depth);',
    `  const m = into ?? blank${type}();`,
    '  while (r.pos < end) {',
    '    const start = r.pos;',
    '    const tag = r.tag();',
    '    switch (tag) {',
    ...fields.flatMap((field) => casesOf(field, fields)),
    '      default:',
    '        (m.unknown ??= []).push(unknownField(r, tag, start));',
    '    }',
    '  }',
    '  return m;',
    '}',
  ].join('\n');
}

function casesOf(field, fields) {
  const { number, property, repeated, wire, packed, nested, scalar } = field;
  const at = (w) => `      case ${tag(number, w)}:`;
  if (packed) {
    const elementWire = SCALARS[field.type].wire;
    return [
      at(WIRE.delimited),
      `        m.${property} = PackedField.append(m.${property}, r.bytes());`,
      '        break;',
      at(elementWire),
      `        m.${property} = PackedField.append(m.${property}, elementBytes(r, ${elementWire}));`,
      '        break;',
    ];
  }
  if (nested) {
    const into = repeated ? '' : `, m.${property}`;
    const value = `read${nested}(r, enter(r), depth + 1${into})`;
    return [
      at(WIRE.delimited),
      repeated ? `        (m.${property} ??= []).push(${value});` : `        m.${property} = ${value};`,
      '        r.len = end;',
      ...clearOneof(field, fields),
      '        break;',
    ];
  }
  if (!repeated) {
    return [at(wire), `        m.${property} = ${scalar.read};`, ...clearOneof(field, fields), '        break;'];
  }
  const unpacked = [at(wire), `        (m.${property} ??= []).push(${scalar.read});`, '        break;'];
  if (wire === WIRE.delimited) return unpacked;
  return [
    ...unpacked,
    at(WIRE.delimited),
    `        for (const stop = enter(r); r.pos < stop; ) (m.${property} ??= []).push(${scalar.read});`,
    '        r.len = end;',
    '        break;',
  ];
}

/** Of a oneof, the member read last is the one that counts. */
function clearOneof({ oneof, property }, fields) {
  if (oneof === undefined) return [];
  return fields
    .filter((other) => other.oneof === oneof && other.property !== property)
    .map((other) => `        m.${other.property} = undefined;`);
}

function writerOf(message, fields) {
  const type = typeName(message);
  return [
    `export function write${type}(w: Writer, m: ${type}): Writer {`,
    ...fields.flatMap(writeLines),
    '  if (m.unknown !== undefined) for (const field of m.unknown) w.raw(field);',
    '  return w;',
    '}',
  ].join('\n');
}

function writeLines({ number, property, repeated, wire, packed, nested, scalar }) {
  const head = `w.uint32(${tag(number, wire)})`;
  const one = (value) =>
    nested
      ? `write${nested}(${head}.fork(), ${value}).ldelim();`
      : scalar.write(value).startsWith('w.')
        ? `${head}${scalar.write(value).slice(1)};`
        : `${head}; ${scalar.write(value)};`;
  if (packed) return [`  if (m.${property} !== undefined) ${head}.bytes(m.${property}.bytes);`];
  if (repeated) return [`  if (m.${property} !== undefined) for (const item of m.${property}) { ${one('item')} }`];
  return [`  if (m.${property} !== undefined) { ${one(`m.${property}`)} }`];
}

function enumOf(name, members) {
  const rows = Object.entries(members).map(([key, value]) => `  ${key}: ${value},`);
  return [`export const ${typeName(name)} = {`, ...rows, '} as const;'].join('\n');
}

const messages = Object.keys(facts.messages).map((message) => ({ message, fields: fieldsOf(message) }));
const module = `${[
  '// Generated by schema/generate-proto.mjs from schema/proto-fields.json. Do not edit.',
  [
    "import type { Reader, Writer } from 'protobufjs/minimal.js';",
    'import {',
    '  checkDepth, elementBytes, enter, PackedField, readInt64, readSafeInteger, unknownField, writeInt64,',
    "} from '../codec/wire.js';",
  ].join('\n'),
  ...Object.entries(facts.enums).map(([name, members]) => enumOf(name, members)),
  ...messages.map(({ message, fields }) =>
    [interfaceOf(message, fields), blankOf(message, fields), readerOf(message, fields), writerOf(message, fields)].join(
      '\n\n',
    ),
  ),
].join('\n\n')}\n`;

if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(fileURLToPath(target), module);
