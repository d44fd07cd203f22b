/** The models that are measured, as plain data of the intermediate representation. */

export const GIB = 2 ** 30;

const EMPTY = { docString: '', metadata: {} };

function model(graph) {
  return {
    ...{ irVersion: 10, opsets: { '': 21 }, functions: [], domain: '', modelVersion: 0n },
    ...{ producerName: 'bench', producerVersion: '', ...EMPTY },
    graph: {
      name: 'main',
      inputs: [],
      outputs: [],
      sparseInitializers: [],
      valueInfo: [],
      nodes: [],
      ...EMPTY,
      ...graph,
    },
  };
}

function node(opType, inputs, output, attributes = []) {
  return { name: `node_${output}`, opType, domain: '', overload: '', inputs, outputs: [output], attributes, ...EMPTY };
}

function value(name, shape) {
  return { name, type: { kind: 'tensor', dtype: 'float32', shape }, ...EMPTY };
}

function weights(name, shape, content) {
  return { name, dtype: 'float32', shape, content, ...EMPTY };
}

/** 64 layers, MatMul, Add and Relu, each with a square matrix that `content(index)` gives. */
export function productChain(size, content) {
  const layers = Array.from({ length: 64 }, (_, index) => index);
  const scalar = { kind: 'inline', encoded: new Uint8Array(4), data: undefined };
  return model({
    inputs: [value('v0', [1, size])],
    outputs: [value('v64', [1, size])],
    initializers: layers.flatMap((index) => [
      weights(`w${index}`, [size, size], content(index)),
      weights(`b${index}`, [1], scalar),
    ]),
    nodes: layers.flatMap((index) => [
      node('MatMul', [`v${index}`, `w${index}`], `p${index}`),
      node('Add', [`p${index}`, `b${index}`], `s${index}`),
      node('Relu', [`s${index}`], `v${index + 1}`),
    ]),
  });
}

/** 1 GiB of weights in one tensor. */
export function oneTensor(content) {
  return model({ initializers: [weights('w', [GIB / 4], content)] });
}

/** 2,000 nodes as a convolutional network has them: attributes, names, types of the values, small weights. */
export function manyNodes(count = 2000) {
  const KINDS = ['Conv', 'BatchNormalization', 'Relu', 'Add'];
  const attributes = [
    { name: 'kernel_shape', kind: 'ints', value: [3n, 3n] },
    { name: 'strides', kind: 'ints', value: [1n, 1n] },
    { name: 'pads', kind: 'ints', value: [1n, 1n, 1n, 1n] },
    { name: 'group', kind: 'int', value: 1n },
  ];
  const names = Array.from({ length: count }, (_, index) => `backbone/block_${index}/out`);
  const bytes = new Uint8Array(64);
  return model({
    valueInfo: names.map((name) => value(name, ['batch', 64, 56, 56])),
    initializers: names
      .filter((_, index) => index % 4 === 0)
      .map((name) => weights(`${name}.weight`, [16], { kind: 'inline', encoded: bytes, data: undefined })),
    nodes: names.map((name, index) =>
      node(
        KINDS[index % 4],
        [names[index - 1] ?? 'x', index % 4 === 0 ? `${name}.weight` : 'x'],
        name,
        index % 4 === 0 ? attributes : [],
      ),
    ),
  });
}
