/** Numbers of inputs and outputs, and inputs left out that must not be. */
import { calledFunctions } from '../../analysis/calls.js';
import { operatorAt } from '../../analysis/registry.js';
import type { Node } from '../../model/model.js';
import { type FormalParameter, type OperatorVersion, parameterAt } from '../../operators/schema.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const arity: CheckRule = {
  name: 'arity',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const functionOf = calledFunctions(model);
    for (const { graph, opsets } of bodies) {
      for (const node of graph.nodes) {
        const fn = functionOf(node);
        if (fn !== undefined) {
          if (node.inputs.length > fn.inputs.length) yield tooMany(node, 'inputs', fn.inputs.length);
          if (node.outputs.length > fn.outputs.length) yield tooMany(node, 'outputs', fn.outputs.length);
          continue;
        }
        const version = node.domain === '' ? operatorAt(node.opType, opsets[''] ?? 0) : undefined;
        if (version !== undefined && !version.deprecated) yield* operatorFindings(node, version);
      }
    }
  },
};

function* operatorFindings(node: Node, version: OperatorVersion): Iterable<Finding> {
  const { inputs, outputs, minInputs } = version;
  const given = node.inputs.findLastIndex((name) => name !== '') + 1;
  const required = minInputs ?? requiredCount(inputs);
  const missing = inputs.find((parameter, index) => isRequired(parameter) && (node.inputs[index] ?? '') === '');
  if (missing !== undefined) yield error(node, `${node.opType} lacks its input ${missing.name}`);
  else if (given < required) yield error(node, `${node.opType} takes at least ${required} inputs, it has ${given}`);
  if (given > 0 && parameterAt(inputs, given - 1) === undefined) yield tooMany(node, 'inputs', inputs.length);
  const produced = node.outputs.findLastIndex((name) => name !== '') + 1;
  if (produced > 0 && parameterAt(outputs, produced - 1) === undefined) yield tooMany(node, 'outputs', outputs.length);
}

function requiredCount(parameters: readonly FormalParameter[]): number {
  return parameters.findLastIndex(isRequired) + 1;
}

function isRequired({ optional, variadic }: FormalParameter): boolean {
  return !optional && !variadic;
}

function tooMany(node: Node, what: 'inputs' | 'outputs', most: number): Finding {
  const count = node[what].length;
  return error(node, `${node.opType} has at most ${most} ${what}, the node has ${count}`);
}
