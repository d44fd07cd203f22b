/** Attributes against the operator's schema: known, of the right kind, and there where they must be. */
import { calledFunctions } from '../../analysis/calls.js';
import { operatorAt, schemaOf } from '../../analysis/registry.js';
import type { Attribute, Node } from '../../model/model.js';
import type { OperatorVersion } from '../../operators/schema.js';
import type { Body } from '../bodies.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const attributes: CheckRule = {
  name: 'attributes',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const functionOf = calledFunctions(model);
    for (const body of bodies) {
      for (const node of body.graph.nodes) {
        yield* doubled(node);
        yield* references(node, body);
        const fn = functionOf(node);
        if (fn !== undefined) {
          const given = new Set(node.attributes.map(({ name }) => name));
          for (const name of fn.attributeNames) {
            if (!given.has(name)) yield error(node, `the function ${fn.name} lacks its attribute '${name}'`);
          }
          continue;
        }
        const version = node.domain === '' ? operatorAt(node.opType, body.opsets[''] ?? 0) : undefined;
        if (version !== undefined) yield* operatorFindings(node, version, body.opsets[''] ?? 0);
      }
    }
  },
};

function* operatorFindings(node: Node, version: OperatorVersion, opset: number): Iterable<Finding> {
  const { opType } = node;
  for (const attribute of node.attributes) {
    const schema = version.attributes.find(({ name }) => name === attribute.name);
    if (schema === undefined) {
      yield error(node, `${opType} has no attribute '${attribute.name}'${elsewhere(opType, attribute.name, opset)}`);
    } else if (kindOf(attribute) !== schema.kind) {
      yield error(node, `attribute '${attribute.name}' of ${opType} is ${schema.kind}, not ${kindOf(attribute)}`);
    }
  }
  const given = new Set(node.attributes.map(({ name }) => name));
  for (const { name, required } of version.attributes) {
    if (required && !given.has(name)) yield error(node, `${opType} lacks its attribute '${name}'`);
  }
}

/** Where the attribute does exist, for someone who mixed up two opsets. */
function elsewhere(opType: string, name: string, opset: number): string {
  const having = schemaOf(opType)?.versions.filter((version) =>
    version.attributes.some((known) => known.name === name),
  );
  const [first] = having ?? [];
  if (first === undefined) return '';
  if (first.since > opset) return ` before opset ${first.since}, the model imports ${opset}`;
  return ` in opset ${opset}, it was there in opset ${having?.at(-1)?.since}`;
}

function kindOf(attribute: Attribute): string {
  return attribute.kind === 'reference' ? attribute.type : attribute.kind;
}

function* doubled(node: Node): Iterable<Finding> {
  const seen = new Set<string>();
  for (const { name } of node.attributes) {
    if (seen.has(name)) yield error(node, `attribute '${name}' is given twice`);
    seen.add(name);
  }
}

function* references(node: Node, { fn }: Body): Iterable<Finding> {
  for (const attribute of node.attributes) {
    if (attribute.kind !== 'reference') continue;
    const known = fn?.attributeNames.includes(attribute.refName);
    if (known || fn?.attributeDefaults.some(({ name }) => name === attribute.refName)) continue;
    const where = fn === null ? 'outside a function' : `to none of the function ${fn.name}`;
    yield error(node, `attribute '${attribute.name}' refers to '${attribute.refName}' ${where}`);
  }
}
