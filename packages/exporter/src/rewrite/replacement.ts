/** The nodes and constants that a rule puts in place of a match, collected while the rule makes them. */

import { filled } from '../analysis/elements.js';
import { initializer } from '../model/initializer.js';
import type { Attribute, Initializer, Node } from '../model/model.js';
import { plainNode } from '../model/plain.js';
import { bytesOf, type DType, type Tensor } from '../tensor/index.js';
import type { Build, FreshNames } from './rule.js';

export class Replacement implements Build {
  readonly nodes: Node[] = [];
  readonly constants: Initializer[] = [];

  /** @param base what new names begin with: the name of the value that is replaced. */
  constructor(
    private readonly base: string,
    private readonly names: FreshNames,
  ) {}

  op(opType: string, inputs: readonly string[], attributes: readonly Attribute[] = []): string {
    return this.ops(opType, inputs, 1, attributes)[0];
  }

  ops(opType: string, inputs: readonly string[], count: number, attributes: readonly Attribute[] = []): string[] {
    const name = this.names.fresh(`${this.base}/${opType}`);
    const outputs = Array.from({ length: count }, (_, index) => this.names.fresh(`${name}:${index}`));
    this.nodes.push(plainNode(opType, inputs, outputs, { name, attributes }));
    return outputs;
  }

  constant(tensor: Tensor): string {
    const existing = this.constants.find(({ content }) => content.kind === 'inline' && same(content.data(), tensor));
    if (existing !== undefined) return existing.name;
    const made = initializer(this.names.fresh(`${this.base}/constant`), tensor);
    this.constants.push(made);
    return made.name;
  }

  scalar(dtype: DType, value: number): string {
    const tensor = filled(dtype, value);
    if (tensor === undefined) throw new TypeError(`a ${dtype} constant cannot be made from a number`);
    return this.constant(tensor);
  }
}

function same(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || a.dtype === 'string' || a.shape.join() !== b.shape.join()) return false;
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
