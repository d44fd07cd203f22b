/**
 * Models of other float types train in float32: weights are widened when they are read and rounded when they are
 * written, and what the graph casts to its own type it casts to float32. So small gradients are not lost in 16 bits.
 */
import {
  badInput,
  bfloat16ToNumber,
  type DType,
  float16ToNumber,
  type Node,
  numberToBfloat16,
  numberToFloat16,
  type Tensor,
  tensorOf,
} from '@rheobase/exporter';

const OTHER_FLOATS: ReadonlySet<DType> = new Set<DType>(['float16', 'bfloat16', 'float64']);

/** Numbers of ONNX's element types that become 1, float32. */
const OTHER_NUMBERS: ReadonlySet<bigint> = new Set([10n, 11n, 16n]);

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || OTHER_FLOATS.has(dtype);
}

/** A float tensor as float32, every other one as it is. */
export function widened(tensor: Tensor): Tensor {
  if (!OTHER_FLOATS.has(tensor.dtype)) return tensor;
  const numberOf = { float16: float16ToNumber, bfloat16: bfloat16ToNumber }[tensor.dtype as string];
  const elements = tensor.data as ArrayLike<number>;
  const data = Float32Array.from(elements, numberOf ?? ((element: number) => element));
  return { dtype: 'float32', shape: tensor.shape, data };
}

/** A float32 tensor in a model's own type. */
export function narrowed({ shape, data }: Tensor<'float32'>, dtype: DType): Tensor {
  switch (dtype) {
    case 'float16':
      return { dtype, shape, data: Uint16Array.from(data, numberToFloat16) };
    case 'bfloat16':
      return { dtype, shape, data: Uint16Array.from(data, numberToBfloat16) };
    case 'float64':
      return { dtype, shape, data: Float64Array.from(data) };
    case 'float32':
      return { dtype, shape, data };
    default:
      throw badInput(`a trained weight of ${dtype}`);
  }
}

/** A node whose attributes name float32 where they named another float type. */
export function inFloat32(node: Node): Node {
  const attributes = node.attributes.map((attribute): Node['attributes'][number] => {
    const isType = (attribute.name === 'to' || attribute.name === 'dtype') && attribute.kind === 'int';
    if (isType && OTHER_NUMBERS.has(attribute.value)) return { ...attribute, value: 1n };
    if (attribute.kind !== 'tensor' || !OTHER_FLOATS.has(attribute.value.dtype)) return attribute;
    const tensor = widened(tensorOf(attribute.value));
    const { metadata, docString, name } = attribute.value;
    const value = { name, docString, metadata, dtype: tensor.dtype, shape: tensor.shape };
    return { ...attribute, value: { ...value, content: { kind: 'inline', data: () => tensor } } };
  });
  return attributes.every((attribute, at) => attribute === node.attributes[at]) ? node : { ...node, attributes };
}
