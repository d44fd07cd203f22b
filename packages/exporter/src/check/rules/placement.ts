/**
 * Whether the providers of the targets run every node, by the measured table. Of operators that were not measured, or
 * on element types that are not known, nothing is said.
 */

import type { Node } from '../../model/model.js';
import { runsOnCpu } from '../../placement/backend.js';
import { MEASURED_RUNTIME, measuredAs, nativeBefore, principalDType, providerOf } from '../../placement/provider-of.js';
import type { DType } from '../../tensor/index.js';
import type { Body } from '../bodies.js';
import { type Checked, type CheckRule, error, type Finding, warning } from '../check-rule.js';

export function placement(targets: readonly string[]): CheckRule {
  return {
    name: 'placement',
    check: function* (checked): Iterable<Finding> {
      for (const target of targets) {
        if (measuredAs(target) === undefined) yield warning(null, `where ${target} runs its nodes was not measured`);
        else for (const body of checked.bodies) yield* bodyFindings(target, body, checked);
      }
    },
  };
}

function* bodyFindings(target: string, { graph, opsets }: Body, { types }: Checked): Iterable<Finding> {
  const opset = opsets[''] ?? 0;
  for (const node of graph.nodes) {
    if (node.domain !== '') continue;
    const dtype = principalDType(node, (name) => types.typeOf(graph, name));
    const answer = providerOf(target, node.opType, opset, dtype);
    if (answer === 'none') yield error(node, `${target} cannot run ${calledBy(node, opset, dtype)}`);
    if (answer === 'cpu' && !runsOnCpu(target)) {
      const advice = earlier(target, node, opset, dtype);
      yield warning(node, `${target} leaves ${calledBy(node, opset, dtype)} to the CPU${advice}`);
    }
  }
}

function calledBy({ opType }: Node, opset: number, dtype: DType | null): string {
  return `${opType} of opset ${opset}${dtype === null ? '' : ` on ${dtype}`} (ONNX Runtime ${MEASURED_RUNTIME})`;
}

/** Kernels are registered by version: the one before may have one. */
function earlier(target: string, { opType }: Node, opset: number, dtype: DType | null): string {
  const native = nativeBefore(target, opType, opset, dtype);
  return native === undefined ? '' : `; that of opset ${native} it runs itself`;
}
