/** The tensor that a Constant node gives, whichever of its attributes says so. */
import { initializer } from '../model/initializer.js';
import type { Initializer, Node } from '../model/model.js';
import { plainNode } from '../model/plain.js';
import type { Tensor } from '../tensor/index.js';

const decoder = new TextDecoder();

/** Undefined for other nodes, and for constants that are no dense tensors. */
export function constantNodeTensor({ opType, domain, attributes, outputs }: Node): Initializer | undefined {
  if (opType !== 'Constant' || domain !== '' || attributes.length !== 1) return undefined;
  const [attribute] = attributes;
  const name = outputs[0];
  const made = (tensor: Tensor) => initializer(name, tensor);
  switch (attribute.kind) {
    case 'tensor':
      return { ...attribute.value, name };
    case 'float':
      return made({ dtype: 'float32', shape: [], data: Float32Array.of(attribute.value) });
    case 'int':
      return made({ dtype: 'int64', shape: [], data: BigInt64Array.of(attribute.value) });
    case 'string':
      return made({ dtype: 'string', shape: [], data: [decoder.decode(attribute.value)] });
    case 'floats':
      return made({ dtype: 'float32', shape: [attribute.value.length], data: Float32Array.from(attribute.value) });
    case 'ints':
      return made({ dtype: 'int64', shape: [attribute.value.length], data: BigInt64Array.from(attribute.value) });
    case 'strings':
      return made({
        dtype: 'string',
        shape: [attribute.value.length],
        data: attribute.value.map((text) => decoder.decode(text)),
      });
    default:
      return undefined;
  }
}

/** A Constant node with the elements of `tensor`: what a function body has instead of initializers. */
export function constantNode({ name, ...rest }: Initializer): Node {
  const value = { name: 'value', kind: 'tensor', value: { ...rest, name: '' } } as const;
  return plainNode('Constant', [], [name], { name: `${name}/Constant`, attributes: [value] });
}
