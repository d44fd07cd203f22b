/**
 * A newer opset for a model whose operators mean the same in it. ONNX gives an operator a new version for every change;
 * most only add element types or optional parts. This upgrades where every node's old version is a part of its new one,
 * and says which node it is where not; it converts nothing.
 */
import { operatorAt } from '../../analysis/registry.js';
import { bodiesOf } from '../../check/bodies.js';
import { irVersionFor } from '../../model/ir-version.js';
import type { Model, Node } from '../../model/model.js';
import type { OperatorVersion } from '../../operators/schema.js';
import { canonicalText } from './canonical-text.js';

export type Upgrade =
  | { readonly kind: 'upgraded'; readonly model: Model }
  | { readonly kind: 'obstacle'; readonly node: Node; readonly reason: string };

/** Versions that changed what an operator computes without changing its signature: ONNX's Changelog. */
const NEW_MEANING: Readonly<Record<string, readonly number[]>> = {
  // The input is no longer flattened to two dimensions first.
  ...Object.fromEntries(['Softmax', 'LogSoftmax', 'Hardmax'].map((opType) => [opType, [13]])),
  // Scale and bias are per channel, no longer per group.
  GroupNormalization: [21],
  // Split without lengths needs num_outputs.
  Split: [18],
  // Statistics in training mode; the momentum of running ones.
  BatchNormalization: [7, 9, 14],
  // Coordinates and rounding.
  Resize: [11, 13],
  // A batch axis.
  Scan: [9],
  // Infinities.
  CumSum: [14],
  // Half-pixel offsets.
  RoiAlign: [16],
  Dropout: [12],
  Upsample: [9],
};

/** The same model importing `to`, a newer opset of ai.onnx, for the main graph and its subgraphs. */
export function upgradeOpset(model: Model, to: number): Upgrade {
  const from = model.opsets[''] ?? to;
  for (const { graph, kind } of bodiesOf(model)) {
    if (kind === 'function') continue;
    for (const node of graph.nodes) {
      const reason = node.domain === '' ? obstacle(node, from, to) : undefined;
      if (reason !== undefined) return { kind: 'obstacle', node, reason };
    }
  }
  const irVersion = Math.max(model.irVersion, irVersionFor(to));
  return { kind: 'upgraded', model: { ...model, irVersion, opsets: { ...model.opsets, '': to } } };
}

function obstacle({ opType }: Node, from: number, to: number): string | undefined {
  const [before, after] = [operatorAt(opType, from), operatorAt(opType, to)];
  if (before === undefined || after === undefined) return `${opType} is not an operator of opset ${from} and ${to}`;
  if (before === after) return undefined;
  if (after.deprecated) return `${opType} is deprecated in opset ${after.since}`;
  const changed = NEW_MEANING[opType]?.find((since) => since > before.since && since <= after.since);
  if (changed !== undefined) return `${opType} means something else since opset ${changed}`;
  return contains(after, before) ? undefined : `${opType} has another signature since opset ${after.since}`;
}

/** True where every call of the old version is a call of the new one. */
function contains(after: OperatorVersion, before: OperatorVersion): boolean {
  const attributes = new Map(after.attributes.map((attribute) => [attribute.name, attribute]));
  const kept = before.attributes.every(
    (attribute) => canonicalText(attributes.get(attribute.name)) === canonicalText(attribute),
  );
  const old = new Set(before.attributes.map(({ name }) => name));
  const optional = after.attributes.every(({ name, required }) => old.has(name) || !required);
  const inputs = before.inputs.every((input, index) => {
    const now = after.inputs[index];
    return now !== undefined && now.optional === input.optional && now.variadic === input.variadic;
  });
  const addedInputs = after.inputs.slice(before.inputs.length).every((input) => input.optional);
  return kept && optional && inputs && addedInputs && after.outputs.length >= before.outputs.length;
}
