/**
 * Numbers that a graph compares with or chooses, known before it runs: a constant, or what follows from constants alone.
 * Where only a shape is missing (zeros made for the shape of x, θ expanded to it), one number stands for all elements.
 */
import { elementNumbers } from '../analysis/elements.js';
import { evaluate } from '../analysis/evaluate/index.js';
import type { KnownValue } from '../inference/index.js';
import type { Initializer, Node } from '../model/model.js';
import { type DType, isFloat, sizeOf, type Tensor } from '../tensor/index.js';
import type { Surroundings } from './surroundings.js';

export interface KnownNumbers {
  readonly dtype: DType;
  /** One for each element, or one for all. */
  readonly numbers: readonly number[];
}

/** Operators that hand on the numbers they get, in another form or more often. */
export const HANDS_ON: ReadonlySet<string> = new Set([
  ...['Cast', 'CastLike', 'Expand', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Tile', 'Unsqueeze'],
]);

/** Constants come from constants by a few steps; a search that goes on is in the network itself. */
const MOST_STEPS = 12;
/** A product has two sides to search, each of which may be one. */
const MOST_FACTORS = 2;
const MOST_BYTES = 1 << 20;

/** Undefined where the value depends on an input, or its elements are no numbers or out of reach. */
export function knownNumbers(name: string, at: Surroundings, steps = MOST_STEPS): KnownNumbers | undefined {
  const origin = at.origin(name);
  if (origin === undefined || steps === 0) return undefined;
  if (origin.kind === 'constant') return numbersIn(elementsOf(origin.tensor));
  return numbersIn(computed(origin.node, origin.at, steps - 1)) ?? repeated(origin.node, origin.at, steps - 1);
}

/** True where every element is known to be zero. */
export function isZero(name: string, at: Surroundings): boolean {
  return knownNumbers(name, at)?.numbers.every((number) => number === 0) ?? false;
}

function elementsOf({ content }: Initializer): Tensor | undefined {
  if (content.kind === 'inline') return content.data();
  return content.kind === 'external' ? content.source?.data() : undefined;
}

function numbersIn(tensor: Tensor | undefined): KnownNumbers | undefined {
  const numbers = tensor && elementNumbers(tensor);
  return tensor === undefined || numbers === undefined ? undefined : { dtype: tensor.dtype, numbers };
}

/** A node's output by the exact evaluator. */
function computed(node: Node, at: Surroundings, steps: number): Tensor | undefined {
  const inputs: (KnownValue | undefined)[] = [];
  for (const name of node.inputs) {
    const constant = elements(name, at, steps);
    if (constant === undefined && name !== '') return undefined;
    inputs.push(constant && { type: { kind: 'tensor', dtype: constant.dtype, shape: constant.shape }, constant });
  }
  return inputs.length === 0 ? undefined : evaluate(node, inputs, MOST_BYTES);
}

function elements(name: string, at: Surroundings, steps: number): Tensor | undefined {
  const origin = at.origin(name);
  if (origin === undefined || steps === 0) return undefined;
  if (origin.kind === 'node') return computed(origin.node, origin.at, steps - 1);
  return sizeOf(origin.tensor.shape) * 8 > MOST_BYTES ? undefined : elementsOf(origin.tensor);
}

/** What all elements are where their number is not known. */
function repeated(node: Node, at: Surroundings, steps: number): KnownNumbers | undefined {
  if (node.domain !== '') return undefined;
  const [first = '', second = ''] = node.inputs;
  if (HANDS_ON.has(node.opType)) return knownNumbers(first, at, steps);
  switch (node.opType) {
    case 'ConstantOfShape': {
      const value = node.attributes.find((attribute) => attribute.name === 'value');
      // ONNX: a float32 zero by default.
      if (value === undefined) return { dtype: 'float32', numbers: [0] };
      return value.kind === 'tensor' ? numbersIn(elementsOf(value.value)) : undefined;
    }
    // x − x, which some write for zeros of x's shape and type. (Of an infinity it is NaN.)
    case 'Sub':
      return first === second && first !== '' ? { dtype: 'float32', numbers: [0] } : undefined;
    case 'Mul': {
      const near = Math.min(steps, MOST_FACTORS);
      const known = knownNumbers(first, at, near) ?? knownNumbers(second, at, near);
      const isNothing = known !== undefined && isFloat(known.dtype) && known.numbers.every((number) => number === 0);
      return isNothing ? { ...known, numbers: [0] } : undefined;
    }
    default:
      return undefined;
  }
}
