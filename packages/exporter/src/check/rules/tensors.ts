/** Tensors: elements that do not fit the shape, and files that a model has no business to read. */
import { locationProblem } from '../../codec/external-location.js';
import { RheobaseError } from '../../errors.js';
import type { Attribute, Graph, Initializer, Node } from '../../model/model.js';
import { dtypeBits, sizeOf, storageLength } from '../../tensor/index.js';
import type { Body } from '../bodies.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const initializerData: CheckRule = {
  name: 'initializer-data',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      for (const [tensor, node] of tensorsOf(body)) {
        const problem = dataProblem(tensor);
        if (problem !== undefined) yield error(node, `the tensor '${tensor.name}' ${problem}`);
      }
      yield* declaredOtherwise(body.graph);
    }
  },
};

export const externalData: CheckRule = {
  name: 'external-data',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      for (const [{ name, content }, node] of tensorsOf(body)) {
        if (content.kind !== 'external') continue;
        const problem = locationProblem(content.location);
        if (problem !== undefined)
          yield error(node, `the location '${content.location}' of the tensor '${name}' ${problem}`);
      }
    }
  },
};

function dataProblem({ dtype, shape, content }: Initializer): string | undefined {
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return `has the shape [${shape}]`;
  const bytes = dtype === 'string' ? undefined : Math.ceil((sizeOf(shape) * dtypeBits(dtype)) / 8);
  if (content.kind === 'external') {
    if (content.offset < 0) return `starts at the offset ${content.offset}`;
    if (content.length === null || bytes === undefined || content.length === bytes) return undefined;
    return `of shape [${shape}] takes ${bytes} bytes, its file part has ${content.length}`;
  }
  if (content.kind === 'stream') {
    const given = content.byteLength;
    return bytes === given ? undefined : `of shape [${shape}] takes ${bytes} bytes, its stream announces ${given}`;
  }
  if (content.encoded instanceof Uint8Array) {
    const given = content.encoded.length;
    return bytes === given ? undefined : `of shape [${shape}] takes ${bytes} bytes, it has ${given}`;
  }
  try {
    const tensor = content.data();
    if (tensor.dtype !== dtype) return `is ${dtype}, its elements are ${tensor.dtype}`;
    const expected = storageLength(dtype, shape);
    return tensor.data.length === expected
      ? undefined
      : `of shape [${shape}] takes ${expected} elements, it has ${tensor.data.length}`;
  } catch (problem) {
    if (problem instanceof RheobaseError) return problem.what;
    throw problem;
  }
}

/** A graph input and the initializer that is its default must be of one type. */
function* declaredOtherwise({ inputs, initializers }: Graph): Iterable<Finding> {
  const defaults = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  for (const { name, type } of inputs) {
    const tensor = defaults.get(name);
    if (tensor === undefined || type.kind !== 'tensor') continue;
    const fits =
      type.dtype === tensor.dtype &&
      (type.shape === null ||
        (type.shape.length === tensor.shape.length &&
          type.shape.every((dim, axis) => typeof dim !== 'number' || dim === tensor.shape[axis])));
    if (!fits)
      yield error(
        null,
        `the default of graph input '${name}' is ${tensor.dtype} [${tensor.shape}], which its type is not`,
      );
  }
}

function* tensorsOf({ graph, holder }: Body): Iterable<[Initializer, Node | null]> {
  for (const tensor of graph.initializers) yield [tensor, holder];
  for (const { values, indices } of graph.sparseInitializers) {
    yield [values, holder];
    yield [indices, holder];
  }
  for (const node of graph.nodes) {
    for (const attribute of node.attributes) for (const tensor of attributeTensors(attribute)) yield [tensor, node];
  }
}

function attributeTensors(attribute: Attribute): readonly Initializer[] {
  switch (attribute.kind) {
    case 'tensor':
      return [attribute.value];
    case 'tensors':
      return attribute.value;
    case 'sparseTensor':
      return [attribute.value.values, attribute.value.indices];
    case 'sparseTensors':
      return attribute.value.flatMap(({ values, indices }) => [values, indices]);
    default:
      return [];
  }
}
