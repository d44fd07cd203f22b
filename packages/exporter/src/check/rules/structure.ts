/** What every model must have, and whether its IR version knows the parts of the format that it uses. */
import { irVersionFor } from '../../model/ir-version.js';
import { nodeName } from '../../model/queries.js';
import { type CheckRule, error, type Finding, warning } from '../check-rule.js';

export const structure: CheckRule = {
  name: 'structure',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const { graph, opsets, irVersion } = model;
    if (graph.name === '') yield error(null, 'the graph has no name');
    if (graph.outputs.length === 0) yield error(null, 'the graph has no outputs');
    if (Object.keys(opsets).length === 0) yield error(null, 'the model imports no opset');
    for (const { name, type } of graph.inputs) {
      if (type.kind === 'unknown' && type.raw === undefined) yield error(null, `graph input '${name}' has no type`);
    }
    yield* irVersionFindings(irVersion, opsets[''] ?? 0, model.functions.length > 0);
    for (const { graph: body } of bodies) {
      for (const node of body.nodes) {
        if (node.opType === '') yield error(node, `the node ${nodeName(node)} has no operator`);
        else if (node.outputs.every((name) => name === '')) yield error(node, `${node.opType} has no output`);
      }
    }
  },
};

function* irVersionFindings(irVersion: number, opset: number, functions: boolean): Iterable<Finding> {
  if (irVersion <= 0) {
    yield error(null, 'the model has no IR version');
    return;
  }
  const needed = irVersionFor(opset, []);
  if (irVersion < needed) {
    yield warning(null, `IR version ${irVersion} is older than opset ${opset}, which came with IR version ${needed}`);
  }
  const withFunctions = irVersionFor(0, ['localFunctions']);
  if (functions && irVersion < withFunctions) {
    yield error(null, `local functions need IR version ${withFunctions}, the model says ${irVersion}`);
  }
}
