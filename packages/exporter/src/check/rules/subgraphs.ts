/** Subgraphs must take and give what their node's operator asks of them. ONNX operator documentation of each. */
import { graphAttribute, scalarAttribute } from '../../analysis/node-attributes.js';
import { isBatchedScan } from '../../inference/index.js';
import type { Graph, Node } from '../../model/model.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const subgraphs: CheckRule = {
  name: 'subgraph',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const { graph, opsets } of bodies) {
      for (const node of graph.nodes) {
        if (node.domain === '' && !isBatchedScan(node, opsets[''] ?? 0)) yield* nodeFindings(node);
      }
    }
  },
};

function* nodeFindings(node: Node): Iterable<Finding> {
  const body = graphAttribute(node, 'body');
  switch (node.opType) {
    case 'If':
      for (const name of ['then_branch', 'else_branch']) {
        const branch = graphAttribute(node, name);
        if (branch !== undefined) yield* counts(node, branch, name, 0, node.outputs.length);
      }
      return;
    case 'Loop': {
      if (body === undefined) return;
      const states = Math.max(0, node.inputs.length - 2);
      yield* counts(node, body, 'body', states + 2, node.outputs.length + 1);
      if (body.outputs.length < states + 1) {
        yield error(
          node,
          `the body of Loop gives ${body.outputs.length} outputs, its condition and states are ${states + 1}`,
        );
      }
      return;
    }
    case 'Scan':
      if (body === undefined) return;
      yield* counts(node, body, 'body', node.inputs.length, node.outputs.length);
      if (Number(scalarAttribute(node, 'num_scan_inputs') ?? 0) > node.inputs.length) {
        yield error(node, `num_scan_inputs is more than the ${node.inputs.length} inputs of Scan`);
      }
  }
}

/** The node may leave trailing outputs out, so that it has at most as many as the graph. */
function* counts(node: Node, graph: Graph, name: string, inputs: number, outputs: number): Iterable<Finding> {
  if (graph.inputs.length !== inputs) {
    yield error(node, `${name} of ${node.opType} takes ${graph.inputs.length} inputs, it is given ${inputs}`);
  }
  if (graph.outputs.length < outputs) {
    yield error(node, `${name} of ${node.opType} gives ${graph.outputs.length} outputs, ${outputs} are used`);
  }
}
