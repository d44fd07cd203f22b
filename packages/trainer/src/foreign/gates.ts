/**
 * Where a model of whatever origin silences neurons, and at which θ. A threshold is a ThresholdedRelu, or a comparison
 * whose answer chooses between a value and zero (`Where`) or multiplies it (`Cast`, `Mul`), or the call of a function of
 * the model that does one of these. A ReLU silences as well, but has no θ of its own.
 */
import {
  bfloat16ToNumber,
  constantNodeTensor,
  float16ToNumber,
  type Initializer,
  type Model,
  type Node,
  type Tensor,
  tensorOf,
} from '@rheobase/exporter';

/** θ: a number, or one for each neuron or channel. */
export type Theta = number | readonly number[];

export interface Gate {
  /** The value whose zeros are silent neurons. */
  readonly output: string;
  /** Undefined for a ReLU, and where θ is not a constant of the model. */
  readonly theta: Theta | undefined;
}

/** In the order of the nodes; a ReLU whose output only goes into a threshold is part of that. */
export function gatesOf(model: Model): readonly Gate[] {
  const { nodes, initializers } = model.graph;
  const gates = nodes.flatMap((node) => new Surroundings(model, nodes, initializers).gateAt(node));
  const inThresholds = new Set(gates.filter(({ kind }) => kind === 'threshold').flatMap(({ reads }) => reads));
  return gates.filter(({ output }) => !inThresholds.has(output)).map(({ output, theta }) => ({ output, theta }));
}

interface Found extends Gate {
  readonly kind: 'relu' | 'threshold';
  readonly reads: readonly string[];
}

/** Operators that hand on the numbers they get, in another form. */
const HANDS_ON: ReadonlySet<string> = new Set(['Cast', 'Expand', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);
const COMPARISONS: ReadonlySet<string> = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

const LOGIC: ReadonlySet<string> = new Set(['And', 'Not', 'Or', ...HANDS_ON]);

/** What a node's inputs are, in the list of nodes that it is one of. */
class Surroundings {
  readonly #makers: ReadonlyMap<string, Node>;
  readonly #constants: ReadonlyMap<string, Initializer>;

  constructor(
    private readonly model: Model,
    nodes: readonly Node[],
    initializers: readonly Initializer[],
  ) {
    this.#makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    this.#constants = new Map(initializers.map((one) => [one.name, one]));
  }

  gateAt(node: Node): Found[] {
    const { opType, inputs, outputs } = node;
    const found = (kind: Found['kind'], theta?: Theta): Found[] => [{ kind, output: outputs[0], theta, reads: inputs }];
    switch (opType) {
      case 'Relu':
        return found('relu');
      case 'ThresholdedRelu':
        return found('threshold', shortest(floatOf(node, 'alpha', 1)));
      case 'Where': {
        const isGate = this.#comesFromComparison(inputs[0]) && inputs.slice(1).some((name) => this.#isZero(name));
        return isGate ? found('threshold', this.#thetaOf(inputs[0])) : [];
      }
      case 'Mul': {
        const mask = inputs.find((name) => this.#isMask(name));
        return mask === undefined ? [] : found('threshold', this.#thetaOf(mask));
      }
      default:
        return this.#ofFunction(node);
    }
  }

  /** A function's last value is a gate where its body makes one. */
  #ofFunction(node: Node): Found[] {
    const fn = this.model.functions.find(({ name, domain }) => name === node.opType && domain === node.domain);
    if (fn === undefined) return [];
    const body = new Surroundings(this.model, fn.nodes, []);
    const last = fn.nodes.find(({ outputs }) => outputs.includes(fn.outputs[0] ?? ''));
    const [gate] = last === undefined ? [] : body.gateAt(last);
    if (gate === undefined) return [];
    const given = fn.inputs.indexOf('theta');
    const theta = gate.theta ?? (given === -1 ? undefined : this.#numbers(node.inputs[given]));
    return [{ kind: gate.kind, output: node.outputs[0], theta, reads: node.inputs }];
  }

  /** The constant side of the comparison that a mask comes from. */
  #thetaOf(mask: string): Theta | undefined {
    const maker = this.#makers.get(mask);
    if (maker === undefined) return undefined;
    if (!COMPARISONS.has(maker.opType)) {
      return maker.opType === 'Not' || HANDS_ON.has(maker.opType) ? this.#thetaOf(maker.inputs[0]) : undefined;
    }
    return this.#numbers(maker.inputs[1]) ?? this.#numbers(maker.inputs[0]);
  }

  #isMask(name: string): boolean {
    const maker = this.#makers.get(name);
    return maker?.opType === 'Cast' && this.#comesFromComparison(maker.inputs[0]);
  }

  #comesFromComparison(name: string): boolean {
    const maker = this.#makers.get(name);
    if (maker === undefined) return false;
    if (COMPARISONS.has(maker.opType)) return true;
    return LOGIC.has(maker.opType) && maker.inputs.some((input) => this.#comesFromComparison(input));
  }

  #isZero(name: string | undefined): boolean {
    const maker = this.#makers.get(name ?? '');
    if (maker?.opType === 'ConstantOfShape')
      return !maker.attributes.some((one) => one.name === 'value' && !isZeros(one));
    const numbers = this.#numbers(name);
    return numbers !== undefined && [numbers].flat().every((number) => number === 0);
  }

  /** What is known of a value before running: one number, or all. */
  #numbers(name: string | undefined): Theta | undefined {
    const initializer = this.#constants.get(name ?? '');
    if (initializer !== undefined) return asTheta(tensorOf(initializer));
    const maker = this.#makers.get(name ?? '');
    if (maker === undefined) return undefined;
    const fixed = constantNodeTensor(maker);
    if (fixed !== undefined) return asTheta(tensorOf(fixed));
    return HANDS_ON.has(maker.opType) ? this.#numbers(maker.inputs[0]) : undefined;
  }
}

function isZeros(attribute: Node['attributes'][number]): boolean {
  if (attribute.kind !== 'tensor' || attribute.value.content.kind !== 'inline') return false;
  return [asTheta(attribute.value.content.data())].flat().every((number) => number === 0);
}

function floatOf(node: Node, name: string, byDefault: number): number {
  const attribute = node.attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'float' ? attribute.value : byDefault;
}

/** A tensor of θ as logs show it. */
export function asTheta({ dtype, data }: Tensor): Theta {
  const decode =
    dtype === 'float16' ? float16ToNumber : dtype === 'bfloat16' ? bfloat16ToNumber : (element: number) => element;
  const numbers = Array.from(data as ArrayLike<number | bigint>, (element) => shortest(decode(Number(element))));
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** The shortest decimal that is this float32: 0.2 and not 0.20000000298. */
function shortest(number: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(number.toPrecision(digits));
    if (Math.fround(rounded) === number) return rounded;
  }
  return number;
}
