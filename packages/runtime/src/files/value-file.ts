/** A value of any type in a file of ONNX's backend tests. */
import type { ValueType } from '@rheobase/exporter';
import { placed, readBytes, readTensorFile } from './tensor-file.js';
import { decodeValueProto, type OnnxValue } from './value-proto.js';

/**
 * Reads a tensor from any file that `readTensorFile` takes, a sequence or an optional from ONNX's own .pb.
 * @throws RheobaseError `bad-input`, naming the file, where it is missing, damaged, or of another kind.
 */
export async function readValueFile(path: string, type: ValueType): Promise<OnnxValue> {
  if (type.kind === 'tensor') return { kind: 'tensor', tensor: await readTensorFile(path) };
  return placed(path, () => decodeValueProto(readBytes(path), type));
}
