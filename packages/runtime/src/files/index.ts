export * from './cases.js';
export { decodeNpy, encodeNpy } from './npy.js';
export { decodeNpz, encodeNpz, type NpzArchive, openNpz } from './npz.js';
export { readTensorFile, readTensorsFile, writeTensorFile, writeTensorsFile } from './tensor-file.js';
export { decodeTensorProto, encodeTensorProto } from './tensor-proto.js';
export { readValueFile } from './value-file.js';
export { decodeValueProto, type OnnxValue } from './value-proto.js';
