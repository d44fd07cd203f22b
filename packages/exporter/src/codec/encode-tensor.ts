/** Tensor → bytes: a TensorProto by itself, as the `.pb` files of ONNX's tests. The way back is `decodeTensor`. */
import protobuf from 'protobufjs/minimal.js';
import { writeTensorProto } from '../generated/onnx-proto.js';
import type { Initializer } from '../model/model.js';
import { tensorProto } from './to-proto/tensor.js';

/**
 * Writes a single tensor in ONNX's protobuf form.
 * @throws RheobaseError `unsupported` for streamed elements.
 */
export function encodeTensor(initializer: Initializer): Uint8Array {
  return writeTensorProto(protobuf.Writer.create(), tensorProto(initializer)).finish();
}
