/** Reading and writing a model of 2,000 nodes against protobufjs alone, with a schema made from the same facts. */
import { readFileSync } from 'node:fs';
import { decodeModel, encodeModel } from '@rheobase/exporter';
import protobuf from 'protobufjs';
import { shortest } from './measure.mjs';
import { manyNodes } from './models.mjs';

const ROUNDS = 300;
const LIMIT = 1.5;

export async function parseFigures() {
  const ModelProto = protobufSchema().lookupType('ModelProto');
  const bytes = encodeModel(manyNodes());
  const message = ModelProto.decode(bytes);
  const model = decodeModel(bytes);
  const times = await shortest(ROUNDS, {
    bareDecode: () => void ModelProto.decode(bytes),
    decode: () => void decodeModel(bytes),
    bareEncode: () => void ModelProto.encode(message).finish(),
    encode: () => void encodeModel(model),
  });
  return [
    {
      ...{ name: 'time to parse 2,000 nodes, to a bare protobufjs decode', unit: '×' },
      ...{ value: times.decode / times.bareDecode, limit: LIMIT },
    },
    {
      ...{ name: 'time to encode 2,000 nodes, to a bare protobufjs encode', unit: '×' },
      ...{ value: times.encode / times.bareEncode, limit: LIMIT },
    },
  ];
}

/** The ONNX format in protobufjs' own JSON form. */
function protobufSchema() {
  const { messages, enums } = JSON.parse(readFileSync(new URL('../schema/proto-fields.json', import.meta.url), 'utf8'));
  const root = { nested: {} };
  const place = (path) =>
    path.split('.').reduce((parent, name) => {
      parent.nested ??= {};
      parent.nested[name] ??= {};
      return parent.nested[name];
    }, root);
  for (const [path, values] of Object.entries(enums)) Object.assign(place(path), { values });
  for (const [path, facts] of Object.entries(messages)) {
    const fields = Object.entries(facts).map(([name, { type, number, label, packed }]) => [
      camel(name),
      { type, id: number, ...(label === 'repeated' ? { rule: 'repeated', options: { packed: packed === true } } : {}) },
    ]);
    Object.assign(place(path), { fields: Object.fromEntries(fields), oneofs: oneofs(facts) });
  }
  return protobuf.Root.fromJSON(root);
}

function oneofs(facts) {
  const groups = {};
  for (const [name, { oneof }] of Object.entries(facts)) {
    if (oneof === undefined) continue;
    groups[oneof] ??= { oneof: [] };
    groups[oneof].oneof.push(camel(name));
  }
  return groups;
}

function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}
