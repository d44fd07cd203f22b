/**
 * Reverse-mode differentiation of a graph. The gradient of the loss with respect to every value between it and the
 * parameters is built from those of the values computed from it, operator by operator, last to first; the result is a
 * graph of standard operators like the one it came from.
 *
 * Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
 */
import { badInput, type Value } from '@rheobase/exporter';
import { total } from '../graph/arithmetic.js';
import { spreadTo } from '../graph/broadcast.js';
import { shareCommon } from '../graph/share.js';
import { type Source, scalarLike, withShape } from '../graph/values.js';
import { type Operation, operationsBetween } from './operations.js';
import { type DefinitionRule, Differentiated, differentiationError } from './rule.js';
import { RULES } from './rules.js';

/**
 * The gradients of a scalar loss with respect to `parameters`, each of its parameter's shape and element type.
 * A parameter is any float value that the loss depends on: an input, a constant, an intermediate.
 * @throws RheobaseError `bad-input` where the loss is no float scalar, where it does not depend on a parameter, or
 *   where an operator between them has no gradient rule (naming the node and its path to the loss).
 */
export function gradient(loss: Value, parameters: readonly Value[]): Value[] {
  checkLoss(loss);
  const gradients = flowAllBack(operationsBetween(loss, parameters), loss, scalarLike(loss, 1));
  const found = parameters.map((parameter) => {
    const parts = gradients.get(parameter.source) ?? throwUnrelated(parameter);
    return spreadTo(total(parts), parameter);
  });
  return shareCommon(found, [loss, ...parameters]);
}

/**
 * The gradients of `inputs` from that of one value computed from them, as the graph really computes it: a gradient
 * declared for `output` itself is left aside. For rules of one's own that keep part of the ordinary gradient.
 * @returns undefined for an input that `output` does not depend on.
 */
export function pullBack(output: Value, ofOutput: Value, inputs: readonly Value[]): (Value | undefined)[] {
  const gradients = flowAllBack(operationsBetween(output, inputs, 'undeclared'), output, ofOutput);
  return inputs.map(({ source }) => {
    const parts = gradients.get(source);
    return parts && total(parts);
  });
}

function flowAllBack(operations: readonly Operation[], output: Value, ofOutput: Value): Map<Source, Value[]> {
  const gradients = new Map<Source, Value[]>([[output.source, [ofOutput]]]);
  for (const operation of operations.toReversed()) flowBack(operation, gradients);
  return gradients;
}

function checkLoss({ type, label }: Value): void {
  const isScalar = type.kind === 'tensor' && (type.shape === null || type.shape.every((dim) => dim === 1));
  if (!isScalar) {
    const shape = type.kind === 'tensor' ? `[${type.shape}]` : type.kind;
    throw badInput(`the loss ${label} is no scalar but ${shape}`, { remedy: 'reduce it by a sum or a mean' });
  }
}

function throwUnrelated(parameter: Value): never {
  throw badInput(`the loss does not depend on ${parameter.label} by differentiable operators`, {
    remedy: 'leave it out of the parameters, or declare a gradient by customGradient',
  });
}

function flowBack(operation: Operation, gradients: Map<Source, Value[]>): void {
  const ofOutputs = operation.outputs.map((output) => {
    const parts = output && gradients.get(output.source);
    return parts === undefined ? undefined : total(parts);
  });
  if (ofOutputs.every((part) => part === undefined)) return;
  const ofInputs = inputGradients(operation, ofOutputs);
  for (const [index, part] of ofInputs.entries()) {
    const input = operation.inputs[index];
    if (part === undefined || input === null || input === undefined || !operation.wanted[index]) continue;
    const parts = gradients.get(input.source);
    if (parts === undefined) gradients.set(input.source, [part]);
    else parts.push(part);
  }
}

function inputGradients(
  operation: Operation,
  ofOutputs: readonly (Value | undefined)[],
): readonly (Value | undefined)[] {
  const { producer, outputs, wanted } = operation;
  if (producer.kind === 'declared') return ofOutputs[0] === undefined ? [] : producer.declaration.rule(ofOutputs[0]);
  const { call } = producer;
  const rule = call.schema.domain === '' ? RULES.get(call.schema.opType) : undefined;
  if (rule === undefined) {
    throw differentiationError(call, operation.path(), 'has no gradient rule', 'declare one by customGradient');
  }
  const node = new Differentiated(call, outputs, wanted, operation.path());
  return 'apply' in rule ? rule.apply(node, ofOutputs) : throughDefinition(rule, node, ofOutputs);
}

/** The gradients that the operator's definition in simpler operators has; an input that is there twice counts once. */
function throughDefinition(rule: DefinitionRule, node: Differentiated, ofOutputs: readonly (Value | undefined)[]) {
  const inputs = node.call.inputs.filter((input, index): input is Value => input !== null && node.wants(index));
  const sources = new Set(inputs.map(({ source }) => source));
  const gradients = new Map<Source, Value[]>();
  for (const [index, output] of rule.define(node).entries()) {
    const ofOutput = ofOutputs[index];
    if (ofOutput === undefined) continue;
    if (output === undefined) return node.fail(`the loss uses its output ${index}, through which no gradient flows`);
    const operations = operationsBetween(output, inputs, 'declared', sources);
    for (const [source, parts] of flowAllBack(operations, output, spreadTo(ofOutput, output))) {
      if (sources.has(source)) gradients.set(source, [...(gradients.get(source) ?? []), ...parts]);
    }
  }
  return node.call.inputs.map((input, index) => {
    const parts = input !== null && node.wants(index) ? gradients.get(input.source) : undefined;
    if (input === null || parts === undefined) return undefined;
    gradients.delete(input.source);
    return withShape(total(parts), input.shape);
  });
}
