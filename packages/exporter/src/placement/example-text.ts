/**
 * Examples in a line or two: `y = Gemm T[2,3] T[3,4] T[4] ; alpha=0.5`. What stands behind the operator are its inputs:
 *
 *     T[2,3]          a graph input of the element type that is measured, with elements of its own
 *     int64[2]        a graph input of a fixed element type
 *     int64[2]{1,3}   a constant
 *     s               the output of an earlier line
 *     -               an input left out
 *
 * Behind the semicolon are attributes: numbers with a point are floats, `[…]` are lists, `@f` a subgraph by its name,
 * `:T` the number of the element type that is measured, anything else text.
 */
import { fromNumbers } from '../analysis/elements.js';
import { float, int, ints, text } from '../analysis/node-attributes.js';
import { badInput } from '../errors.js';
import { initializer } from '../model/initializer.js';
import type { Attribute, Graph, Initializer, Node, ValueInfo } from '../model/model.js';
import { valueInfo } from '../model/plain.js';
import { type DType, dtypeToOnnx, isDType, sizeOf, type Tensor } from '../tensor/index.js';

export interface ExampleGraph {
  readonly inputs: readonly ValueInfo[];
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/**
 * Reads an example for an element type. The outputs of its last line are the graph's.
 * @throws RheobaseError `bad-input` where the text is no example, or the type has no elements here.
 */
export function parseExample(source: string, dtype: DType, subgraphs: Readonly<Record<string, Graph>>): ExampleGraph {
  const parsed = new Parsed(dtype, subgraphs);
  for (const line of source.split('\n')) if (line.trim() !== '') parsed.line(line.trim());
  return parsed;
}

class Parsed implements ExampleGraph {
  readonly inputs: ValueInfo[] = [];
  readonly initializers: Initializer[] = [];
  readonly nodes: Node[] = [];
  readonly feeds: Record<string, Tensor> = {};
  outputs: readonly string[] = [];

  constructor(
    private readonly dtype: DType,
    private readonly subgraphs: Readonly<Record<string, Graph>>,
  ) {}

  line(line: string): void {
    const [call, attributes = ''] = line.split(';');
    const [left, right] = call.split('=');
    const [opType, ...inputs] = right.trim().split(/\s+/);
    this.outputs = left
      .trim()
      .split(/\s+/)
      .map((name) => (name === '-' ? '' : name));
    this.nodes.push({
      name: `${opType}_${this.nodes.length}`,
      opType,
      domain: '',
      overload: '',
      inputs: inputs.map((token) => this.input(token)),
      outputs: this.outputs,
      attributes:
        attributes.trim() === ''
          ? []
          : attributes
              .trim()
              .split(/\s+/)
              .map((token) => this.attribute(token)),
      docString: '',
      metadata: {},
    });
    this.outputs = this.outputs.filter((name) => name !== '');
  }

  private input(token: string): string {
    if (token === '-') return '';
    const parts = /^(\w+)\[([\d,]*)\](?:\{(.*)\})?$/.exec(token);
    if (parts === null) return token;
    const [, type, extents, elements] = parts;
    const dtype = type === 'T' ? this.dtype : type;
    if (!isDType(dtype)) throw badInput(`'${token}' is no input of an example`);
    const shape = extents === '' ? [] : extents.split(',').map(Number);
    const name = `x${this.inputs.length + this.initializers.length}`;
    if (elements === undefined) {
      this.feeds[name] = filledTensor(dtype, shape);
      this.inputs.push(valueInfo(name, { kind: 'tensor', dtype, shape }));
    } else {
      const numbers = elements === '' ? [] : elements.split(',').map(Number);
      this.initializers.push(initializer(name, numbersTensor(dtype, numbers, shape)));
    }
    return name;
  }

  private attribute(token: string): Attribute {
    const [name, value] = token.split('=');
    if (value === ':T') return int(name, dtypeToOnnx(this.dtype));
    if (value.startsWith('@')) return { name, kind: 'graph', value: this.subgraphs[value.slice(1)] };
    if (value.startsWith('[')) {
      const items = value
        .slice(1, -1)
        .split(',')
        .filter((item) => item !== '');
      if (items.some((item) => item.includes('.'))) return { name, kind: 'floats', value: items.map(Number) };
      return ints(name, items.map(Number));
    }
    if (/^-?\d+$/.test(value)) return int(name, Number(value));
    if (/^-?\d*\.\d+$/.test(value)) return float(name, Number(value));
    return text(name, value);
  }
}

/** Small positive elements: 1, 2, 3, 1, … which every operator of the table can take. */
export function filledTensor(dtype: DType, shape: readonly number[]): Tensor {
  const length = sizeOf(shape);
  const cycle = dtype === 'bool' ? [1, 0] : [1, 2, 3];
  return numbersTensor(
    dtype,
    Array.from({ length }, (_, index) => cycle[index % cycle.length]),
    shape,
  );
}

function numbersTensor(dtype: DType, numbers: readonly number[], shape: readonly number[]): Tensor {
  if (dtype === 'string') return { dtype, shape, data: numbers.map(String) };
  const made = fromNumbers(dtype, numbers, shape);
  if (made === undefined) throw badInput(`examples have no elements of type ${dtype}`);
  return made;
}
