/**
 * Knowledge distillation: a student learns from what a teacher says of the same inputs beside the targets,
 *
 *     loss = α·hard + (1 − α)·T²·KL(softmax(teacher/T) ‖ softmax(student/T)), the mean over the batch.
 *
 * The teacher runs inside the training graph, its weights constants, so that it learns nothing.
 * Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (arXiv 1503.02531).
 */
import { badInput, type Model, modelInfo, op, RheobaseError, sizeOf, type Value } from '@rheobase/exporter';
import { importModel } from '../foreign/import-graph.js';
import { add, mul, sub } from '../graph/arithmetic.js';
import { reshape } from '../graph/operators.js';
import { withShape } from '../graph/values.js';
import { logitsOf } from '../losses/logits.js';

export interface Distillation {
  /** A model with one float32 input of as many numbers as the student's; its first output is softmax or logits. */
  readonly teacher: Model;
  /** T: the higher, the more the small probabilities count. Default 4. */
  readonly temperature?: number;
  /** α: the share of the loss against targets. Default 0.5. */
  readonly alpha?: number;
  /** How checkpoints call the teacher. */
  readonly name?: string;
}

/** What of it decides a trajectory. */
export function distillationSettings({ temperature = 4, alpha = 0.5, name = 'teacher' }: Distillation) {
  return { temperature, alpha, teacher: name };
}

/** The loss of a student, from that against targets, its output, and its input `[batch, …]`. */
export function distilled(hard: Value, output: Value, x: Value, distillation: Distillation): Value {
  const { temperature, alpha } = distillationSettings(distillation);
  if (!(temperature > 0)) throw badInput(`a temperature of ${temperature}`, { remedy: 'choose one above 0' });
  if (!(alpha >= 0 && alpha <= 1)) throw badInput(`an alpha of ${alpha}`, { remedy: 'choose one from 0 to 1' });
  const student = logitsOf(output, SQUASHING);
  const teacher = teacherLogits(distillation.teacher, x);
  const [theirs, ours] = [teacher.shape?.at(-1), student.shape?.at(-1)];
  if (theirs !== ours) {
    throw badInput(`gives ${theirs} classes, the student ${ours}`, { where: 'teacher' });
  }
  const soft = op.logSoftmax(mul(teacher, 1 / temperature));
  const own = op.logSoftmax(mul(student, 1 / temperature));
  const divergence = op.reduceSum(mul(op.exp(soft), sub(soft, own)), { axes: [-1], keepdims: false });
  const mean = withShape(op.reduceMean(divergence, { keepdims: false }), []);
  return withShape(add(mul(hard, alpha), mul(mean, (1 - alpha) * temperature ** 2)), []);
}

const SQUASHING = ['Softmax', 'LogSoftmax'];

function teacherLogits(teacher: Model, x: Value): Value {
  const { inputs, outputs } = modelInfo(teacher);
  const [given] = inputs;
  const [result] = outputs;
  if (given === undefined || inputs.length > 1 || given.dtype !== 'float32' || result === undefined) {
    throw badInput(`takes ${inputs.length} inputs, not one of float32`, { where: 'teacher' });
  }
  const [batch, ...extents] = given.shape ?? [];
  const own = x.shape?.slice(1) ?? [];
  const isKnown = given.shape !== null && extents.every((dim) => typeof dim === 'number');
  if (isKnown && sizeOf(extents as number[]) !== sizeOf(own as number[])) {
    throw badInput(`takes [${extents}], the data are [${own}]`, { where: 'teacher' });
  }
  const shaped = isKnown ? reshape(x, [-1, ...(extents as number[])], [x.shape?.[0] ?? null, ...extents]) : x;
  try {
    const fixed = typeof batch === 'number' ? { written: batch, now: x.shape?.[0] ?? null } : undefined;
    const scope = importModel(teacher, new Map([[given.name, shaped]]), [result.name], fixed);
    return logitsOf(scope.get(result.name) as Value, SQUASHING);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within('teacher') : error;
  }
}
