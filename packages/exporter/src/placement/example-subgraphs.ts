/** Bodies for examples of If, Loop, Scan and SequenceMap, as small as they can be. */

import { initializer } from '../model/initializer.js';
import type { Graph, Node, ValueInfo, ValueType } from '../model/model.js';
import type { DType } from '../tensor/index.js';

const BLANK = { docString: '', metadata: {} };

export function exampleSubgraphs(dtype: DType): Readonly<Record<string, Graph>> {
  const tensor = (type: DType, shape: readonly number[] | null): ValueType => ({ kind: 'tensor', dtype: type, shape });
  return {
    first: branch('first', 1),
    second: branch('second', 2),
    body: graph(
      'body',
      [info('count', tensor('int64', [])), info('go', tensor('bool', [])), info('state', tensor('float32', [2, 3]))],
      [node('Identity', ['go'], ['go_on']), node('Identity', ['state'], ['next'])],
      [info('go_on', tensor('bool', [])), info('next', tensor('float32', [2, 3]))],
    ),
    scanned: graph(
      'scanned',
      [info('state', tensor('float32', [3])), info('row', tensor('float32', [3]))],
      [node('Add', ['state', 'row'], ['next'])],
      [info('next', tensor('float32', [3]))],
    ),
    mapped: graph(
      'mapped',
      [info('element', tensor(dtype, null))],
      [node('Identity', ['element'], ['result'])],
      [info('result', tensor(dtype, null))],
    ),
  };
}

function branch(name: string, value: number): Graph {
  const constant = initializer(`${name}_value`, { dtype: 'float32', shape: [], data: Float32Array.of(value) });
  const type: ValueType = { kind: 'tensor', dtype: 'float32', shape: [] };
  const nodes = [node('Identity', [constant.name], [`${name}_result`])];
  return { ...graph(name, [], nodes, [info(`${name}_result`, type)]), initializers: [constant] };
}

function graph(name: string, inputs: ValueInfo[], nodes: Node[], outputs: ValueInfo[]): Graph {
  return { name, inputs, nodes, outputs, initializers: [], sparseInitializers: [], valueInfo: [], ...BLANK };
}

function info(name: string, type: ValueType): ValueInfo {
  return { name, type, ...BLANK };
}

function node(opType: string, inputs: string[], outputs: string[]): Node {
  return {
    name: `${opType}_${outputs[0]}`,
    opType,
    domain: '',
    overload: '',
    inputs,
    outputs,
    attributes: [],
    ...BLANK,
  };
}
