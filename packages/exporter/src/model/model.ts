/**
 * The intermediate representation: an ONNX model as plain immutable data, close to the file format but free of its
 * encoding. Builders produce it, checks and inference read it, rewrites return a new one, codecs turn it into bytes
 * and back. Names tie nodes together, as in the format: a value is produced once (by an input, an initializer or a
 * node output) and read by name anywhere later, also inside subgraphs.
 *
 * Source: the ONNX IR specification (IR version 14).
 */
import type { DType, Tensor } from '../tensor/index.js';

export interface Model {
  /** IR version to write; the lowest one that `opsets` and the used features need. */
  readonly irVersion: number;
  /** Opset version by domain; the default domain `ai.onnx` is written as `''`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: Graph;
  /** Model-local functions. */
  readonly functions: readonly LocalFunction[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: bigint;
  readonly docString: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Parts of the message that this representation has no field for, as encoded; written back unchanged. */
  readonly extra?: Uint8Array;
}

export interface Graph {
  readonly name: string;
  readonly docString: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Initializer[];
  readonly sparseInitializers: readonly SparseTensor[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Known types of values that are neither inputs nor outputs. */
  readonly valueInfo: readonly ValueInfo[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly extra?: Uint8Array;
}

export interface Node {
  /** May be empty: the format does not require names. */
  readonly name: string;
  readonly opType: string;
  /** `''` is ai.onnx. */
  readonly domain: string;
  readonly overload: string;
  /** Value names; `''` stands for an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly docString: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly extra?: Uint8Array;
}

export type Attribute = {
  readonly name: string;
  readonly docString?: string;
  readonly extra?: Uint8Array;
} & (AttributeValue | AttributeReference);

/** Inside a local function: an attribute that takes its value from the function's attribute `refName`. */
export interface AttributeReference {
  readonly kind: 'reference';
  readonly refName: string;
  readonly type: AttributeValue['kind'];
}

export type AttributeValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: Initializer }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'type'; readonly value: ValueType }
  | { readonly kind: 'sparseTensor'; readonly value: SparseTensor }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  | { readonly kind: 'tensors'; readonly value: readonly Initializer[] }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  | { readonly kind: 'types'; readonly value: readonly ValueType[] }
  | { readonly kind: 'sparseTensors'; readonly value: readonly SparseTensor[] };

/** A dimension: an extent, the name of a symbolic one, or null where nothing is known. */
export type Dim = number | string | null;

/** A shape of known rank, or null where not even the rank is known. */
export type Shape = readonly Dim[] | null;

export type ValueType =
  | TensorType
  | (Omit<TensorType, 'kind'> & { readonly kind: 'sparseTensor' })
  | { readonly kind: 'sequence'; readonly element: ValueType; readonly denotation?: string }
  | { readonly kind: 'optional'; readonly element: ValueType; readonly denotation?: string }
  | { readonly kind: 'map'; readonly key: DType; readonly value: ValueType; readonly denotation?: string }
  /** No type at all, or (with `raw`, the encoded TypeProto) one that this representation cannot say. */
  | { readonly kind: 'unknown'; readonly raw?: Uint8Array };

export interface TensorType {
  readonly kind: 'tensor';
  readonly dtype: DType;
  readonly shape: Shape;
  readonly denotation?: string;
  /** What each dimension stands for (`DATA_BATCH`), where the file says so; `''` where it does not. */
  readonly dimDenotations?: readonly string[];
}

export interface ValueInfo {
  readonly name: string;
  readonly type: ValueType;
  readonly docString: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly extra?: Uint8Array;
}

/** A named constant. Its elements are here, in another file, or produced when the model is written. */
export interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly docString: string;
  readonly content: InitializerContent;
  readonly metadata: Readonly<Record<string, string>>;
  readonly extra?: Uint8Array;
}

export type InitializerContent =
  /** Elements in memory; `data()` is lazy and cached, a view of the file's bytes where alignment allows. */
  | {
      readonly kind: 'inline';
      data(): Tensor;
      /** The elements as read: little-endian bytes, or UTF-8 strings. Written as they stand, without `data()`. */
      readonly encoded?: Uint8Array | readonly Uint8Array[];
    }
  /** Elements in a file beside the model. */
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly length: number | null;
      readonly checksum?: string;
      /** The way to the elements; models opened from a file have it. */
      readonly source?: ExternalSource;
    }
  /**
   * Elements asked for while writing, so that a model larger than memory can be written. Little-endian bytes; a chunk
   * is used up before the next is asked for, so that one buffer serves for all.
   */
  | {
      readonly kind: 'stream';
      readonly byteLength: number;
      chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    };

/** Reads external elements when they are asked for, and just these. */
export interface ExternalSource {
  /** The folder that `location` is relative to. */
  readonly folder: string;
  /**
   * The elements, read anew where they have been garbage collected since.
   * @throws RheobaseError `bad-input` where the file is gone or has changed since the model was opened.
   */
  data(): Tensor;
  /** The elements as little-endian bytes, a piece at a time; a piece is valid until the next is asked for. */
  chunks(): Iterable<Uint8Array>;
}

export interface SparseTensor {
  readonly values: Initializer;
  readonly indices: Initializer;
  readonly shape: readonly number[];
  readonly extra?: Uint8Array;
}

/** A function defined in the model and called like an operator of its domain. */
export interface LocalFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes without default. */
  readonly attributeNames: readonly string[];
  /** Attributes with default. */
  readonly attributeDefaults: readonly Attribute[];
  readonly nodes: readonly Node[];
  readonly opsets: Readonly<Record<string, number>>;
  readonly valueInfo: readonly ValueInfo[];
  readonly docString: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly extra?: Uint8Array;
}
