/**
 * Bytes → Model. Weights stay views of `bytes`: keep them alive and unchanged as long as the model is used.
 * Hostile bytes give an error, in time and memory proportional to their number.
 */
import protobuf from 'protobufjs/minimal.js';
import { badInput, RheobaseError } from '../errors.js';
import { type ModelProto, readModelProto, readTensorProto, writeModelProto } from '../generated/onnx-proto.js';
import type { Initializer, Model } from '../model/model.js';
import { readFunction, readGraph, readOpsets } from './from-proto/graph.js';
import { readMetadata, withExtra } from './from-proto/rest.js';
import { readTensor } from './from-proto/tensor.js';
import { WireError } from './wire.js';

/**
 * Reads a model in ONNX's protobuf form, any IR version. External data stays outside (see `@rheobase/exporter/node`).
 * @throws RheobaseError `bad-input` where the bytes are no ONNX model, are cut off, or contradict themselves.
 */
export function decodeModel(bytes: Uint8Array): Model {
  if (bytes.length === 0) throw badInput('not an ONNX model: there are no bytes');
  const proto = parse(bytes, readModelProto, 'an ONNX model');
  if (proto.graph === undefined) throw badInput('not an ONNX model: it has no graph');
  return readModel(proto, proto.graph);
}

/**
 * Reads a single tensor in ONNX's protobuf form (TensorProto, as the `.pb` files of ONNX's tests).
 * @throws RheobaseError `bad-input` as `decodeModel`.
 */
export function decodeTensor(bytes: Uint8Array): Initializer {
  return readTensor(parse(bytes, readTensorProto, 'an ONNX tensor'));
}

function readModel(proto: ModelProto, graph: NonNullable<ModelProto['graph']>): Model {
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  const { trainingInfo, configuration, unknown } = proto;
  return withExtra(
    {
      irVersion: proto.irVersion ?? 0,
      opsets: readOpsets(proto.opsetImport),
      graph: readGraph(graph),
      functions: proto.functions?.map(readFunction) ?? [],
      producerName: proto.producerName ?? '',
      producerVersion: proto.producerVersion ?? '',
      domain: proto.domain ?? '',
      modelVersion: proto.modelVersion ?? 0n,
      docString: proto.docString ?? '',
      metadata,
    },
    writeModelProto,
    { trainingInfo, configuration, metadataProps, unknown },
  );
}

type ReadMessage<T> = (reader: protobuf.Reader, end: number, depth: number) => T;

function parse<T>(bytes: Uint8Array, read: ReadMessage<T>, kind: string): T {
  // A Node Buffer would make every view a Buffer too.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new protobuf.Reader(plain);
  try {
    return read(reader, bytes.length, 0);
  } catch (error) {
    throw explain(error, reader, kind);
  }
}

/** Says of a failed reading whether the bytes end too early, are damaged, or were never what they should be. */
function explain(error: unknown, reader: protobuf.Reader, kind: string): RheobaseError {
  if (error instanceof RheobaseError) return error;
  const whole = reader.buf.length;
  // Both kinds of model begin with the IR version; what does not begin so was never one.
  if (kind === 'an ONNX model' && reader.buf[0] !== IR_VERSION_TAG) {
    return badInput(`not ${kind}`, { cause: error });
  }
  if (error instanceof RangeError && reader.len === whole) {
    return badInput(`truncated at byte ${whole}`, { cause: error, remedy: 'copy or download the file again' });
  }
  if (error instanceof WireError && error.reason === 'truncated') {
    return badInput(`truncated at byte ${whole}`, { cause: error, remedy: 'copy or download the file again' });
  }
  const [reason, position] =
    error instanceof WireError
      ? [error.reason, error.position]
      : [error instanceof Error ? error.message : String(error), reader.pos];
  return badInput(`damaged at byte ${position}: ${reason}`, { cause: error });
}

const IR_VERSION_TAG = 8;
