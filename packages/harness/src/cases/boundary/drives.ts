/**
 * How a threshold can be made to see θ exactly: the way back from what it compares to an input of the model. Elementwise
 * operators are inverted. A dense layer (MatMul or Gemm with constant weights) directly on an input can be driven too:
 * fed a single non-zero element, each of its neurons is one product and one sum, in whatever order a runtime adds up.
 * Whatever else lies between leaves the threshold out of reach.
 */
import {
  floatAttribute,
  type Graph,
  inlineFunctions,
  intAttribute,
  type Model,
  modelInfo,
  type Node,
  nodeName,
} from '@rheobase/exporter';
import { findThresholds, type Threshold } from '../../divergence/thresholds.js';
import { constantNamed, type Numbers, producerOf } from './constants.js';
import { type Inverse, inverseOf } from './inverse.js';

export interface Drive {
  readonly threshold: Threshold;
  /** The input that is driven. */
  readonly input: string;
  /** A constant, or the name of an input that it comes from unchanged. */
  readonly theta: Numbers | string;
  /** From what is compared back towards the input, in that order. */
  readonly inverses: readonly Inverse[];
  /** The layer between the input and what the last inverse answers, where there is one. */
  readonly dense: Dense | null;
}

/** y = factor · x·W + bias, with x `[rows, inputs]` and W `[inputs, units]`. */
export interface Dense {
  readonly inputs: number;
  readonly units: number;
  weight(input: number, unit: number): number;
  bias(unit: number): number;
}

export interface OutOfReach {
  readonly node: string;
  readonly why: string;
}

export interface Drives {
  readonly drives: readonly Drive[];
  readonly outOfReach: readonly OutOfReach[];
}

/** Thresholds inside functions of the model are driven like any other, by the inputs of the model. */
export function findDrives(given: Model): Drives {
  const model = inlineFunctions(given);
  const drives: Drive[] = [];
  const outOfReach: OutOfReach[] = [];
  for (const threshold of findThresholds(model)) {
    const drive = driveOf(model, threshold);
    if (typeof drive !== 'string') drives.push(drive);
    else outOfReach.push({ node: nodeName(threshold.node), why: drive });
  }
  return { drives, outOfReach };
}

/** Either side of the comparison may be θ. Answers why not, where neither can be driven. */
function driveOf(model: Model, threshold: Threshold): Drive | string {
  const { x, theta } = threshold;
  if (typeof theta === 'number') {
    return driveTo(model, threshold, x, { shape: [], values: [theta] });
  }
  const right = thetaOf(model, theta);
  const straight = right === null ? `θ (${theta}) is computed` : driveTo(model, threshold, x, right);
  if (typeof straight !== 'string') return straight;
  const left = thetaOf(model, x);
  const turned = left === null ? straight : driveTo(model, threshold, theta, left);
  return typeof turned === 'string' ? straight : turned;
}

const PASSES_ON: ReadonlySet<string> = new Set(['Identity', 'Cast']);

/** A constant, an input, or the larger of one and zero: a relu's threshold is never below that. */
function thetaOf(model: Model, name: string): Numbers | string | null {
  const constant = constantNamed(model.graph, name);
  if (constant !== null) return constant;
  if (isInput(model, name)) return name;
  const producer = producerOf(model.graph, name);
  if (producer === undefined) return null;
  if (PASSES_ON.has(producer.opType)) return thetaOf(model, producer.inputs[0] ?? '');
  if (producer.opType !== 'Max' && producer.opType !== 'Relu') return null;
  const inputs = producer.inputs.filter((one) => isInput(model, one));
  return inputs.length === 1 ? (inputs[0] ?? null) : null;
}

function isInput(model: Model, name: string): boolean {
  return modelInfo(model).inputs.some((input) => input.name === name);
}

function driveTo(model: Model, threshold: Threshold, compared: string, theta: Numbers | string): Drive | string {
  const inverses: Inverse[] = [];
  let value = compared;
  for (;;) {
    if (isInput(model, value)) {
      if (value === theta) return 'both of its sides are the same input';
      return { threshold, input: value, theta, inverses, dense: null };
    }
    const producer = producerOf(model.graph, value);
    if (producer === undefined) return `what it compares (${value}) is a constant`;
    const inverse = inverseOf(model.graph, producer);
    if (inverse !== undefined) {
      inverses.push(inverse);
      value = inverse.operand;
      continue;
    }
    const input = producer.inputs[0] ?? '';
    const dense = isInput(model, input) ? denseOf(model.graph, producer) : undefined;
    if (dense !== undefined) return { threshold, input, theta, inverses, dense };
    return `between it and the input lies ${producer.opType} (${producer.name || value})`;
  }
}

function denseOf(graph: Graph, node: Node): Dense | undefined {
  if (node.domain !== '' || (node.opType !== 'MatMul' && node.opType !== 'Gemm')) return undefined;
  const weights = constantNamed(graph, node.inputs[1] ?? '');
  const [rows = 0, columns = 0] = weights?.shape ?? [];
  if (weights === null || weights.shape.length !== 2) return undefined;
  if (node.opType === 'MatMul') return dense(weights, rows, columns, false, 1, () => 0);
  if (intAttribute(node, 'transA', 0) !== 0) return undefined;
  const isTransposed = intAttribute(node, 'transB', 0) !== 0;
  const [inputs, units] = isTransposed ? [columns, rows] : [rows, columns];
  const c = (node.inputs[2] ?? '') === '' ? { shape: [], values: [0] } : constantNamed(graph, node.inputs[2] ?? '');
  // A bias that differs by row would need another feed for each.
  if (c === null || (c.values.length !== 1 && c.values.length !== units)) return undefined;
  const beta = floatAttribute(node, 'beta', 1);
  const bias = (unit: number): number => beta * (c.values[c.values.length === 1 ? 0 : unit] ?? 0);
  return dense(weights, inputs, units, isTransposed, floatAttribute(node, 'alpha', 1), bias);
}

function dense(
  { values }: Numbers,
  inputs: number,
  units: number,
  isTransposed: boolean,
  alpha: number,
  bias: (unit: number) => number,
): Dense {
  const weight = (input: number, unit: number): number =>
    alpha * (values[isTransposed ? unit * inputs + input : input * units + unit] ?? 0);
  return { inputs, units, weight, bias };
}
