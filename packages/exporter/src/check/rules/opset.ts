/** Every node's operator must be in the opset that the model imports. Other domains are known by their import alone. */
import { calledFunctions } from '../../analysis/calls.js';
import { NEWEST_OPSET, schemaOf } from '../../analysis/registry.js';
import type { Node } from '../../model/model.js';
import { versionAt } from '../../operators/schema.js';
import type { Body } from '../bodies.js';
import { type CheckRule, error, type Finding, warning } from '../check-rule.js';

export const opset: CheckRule = {
  name: 'opset',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const newest = model.opsets[''] ?? 0;
    const functionOf = calledFunctions(model);
    if (newest > NEWEST_OPSET) yield warning(null, `opset ${newest} is newer than the newest known, ${NEWEST_OPSET}`);
    for (const body of bodies) {
      for (const node of body.graph.nodes) {
        if (node.opType === '' || functionOf(node) !== undefined) continue;
        const finding = node.domain === '' ? operatorFinding(node, body) : domainFinding(node, body);
        if (finding !== undefined) yield finding;
      }
    }
  },
};

function operatorFinding(node: Node, { opsets, kind }: Body): Finding | undefined {
  const { opType } = node;
  const importer = kind === 'function' ? 'the function' : 'the model';
  const schema = schemaOf(opType);
  if (schema === undefined) return error(node, `ai.onnx has no operator ${opType}`);
  const imported = opsets[''];
  if (imported === undefined) return error(node, `${opType} needs an import of ai.onnx, ${importer} has none`);
  const version = versionAt(schema, imported);
  if (version === undefined) {
    return error(node, `${opType} came with opset ${schema.versions[0].since}, ${importer} imports ${imported}`);
  }
  if (version.deprecated)
    return error(node, `${opType} is deprecated since opset ${version.since}, ${importer} imports ${imported}`);
  return undefined;
}

function domainFinding(node: Node, { opsets, kind }: Body): Finding | undefined {
  if (node.domain in opsets) return undefined;
  const importer = kind === 'function' ? 'the function' : 'the model';
  return error(node, `${node.domain}.${node.opType} needs an import of ${node.domain}, ${importer} has none`);
}
