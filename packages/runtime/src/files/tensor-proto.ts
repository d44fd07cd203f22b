/** Tensors as ONNX's own TensorProto files (`input_0.pb` of ONNX's backend tests). They carry every element type. */
import { decodeTensor, encodeTensor, initializer, tensorOf } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';

/** @throws RheobaseError `bad-input` where the bytes are no tensor, or its elements are in another file. */
export function decodeTensorProto(bytes: Uint8Array): Tensor {
  return tensorOf(decodeTensor(bytes));
}

/** @param name The tensor's name inside the file; empty by default. */
export function encodeTensorProto(tensor: Tensor, name = ''): Uint8Array {
  return encodeTensor(initializer(name, tensor));
}
