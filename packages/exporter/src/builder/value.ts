/**
 * A value of a graph under construction: immutable, typed, and knowing where it comes from. There is no current graph;
 * `buildModel` finds the nodes by walking back from the outputs.
 */
import { badInput } from '../errors.js';
import type { AttributeValue, Dim, Shape, ValueType } from '../model/model.js';
import type { OperatorSchema } from '../operators/schema.js';
import type { DType, Tensor } from '../tensor/index.js';
import type { Body } from './body.js';
import type { CallSite } from './call-site.js';

/** Where a value comes from. Its identity is the value's: renamed copies of a value share it. */
export type Source =
  | {
      readonly kind: 'input';
      readonly name: string;
      readonly site: CallSite;
      /** The operator or function whose body it is an input of; undefined for an input of the graph itself. */
      readonly owner?: string;
    }
  | { readonly kind: 'constant'; readonly tensor: Tensor; readonly site: CallSite }
  | { readonly kind: 'output'; readonly call: Call; readonly index: number };

/** An operator applied to values: a node to be. */
export interface Call {
  readonly schema: OperatorSchema;
  /** Null is an optional input left out. */
  readonly inputs: readonly (Value | null)[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly outputs: readonly ValueType[];
  /** What is known of the elements of shape-like outputs, by position. */
  readonly elements?: readonly (readonly Dim[] | undefined)[] | undefined;
  readonly site: CallSite;
  /** Calls are numbered in the order in which they are made. */
  readonly serial: number;
  /** Graphs among the attributes, by attribute name; `attributes` has no more than an outline of them. */
  readonly bodies?: ReadonlyMap<string, Body> | undefined;
  /** The function that is called, where it is one that the model itself defines. */
  readonly fn?: FunctionDefinition | undefined;
}

/** A function of a model, as one call of it has it: with the element types of that call. */
export interface FunctionDefinition {
  readonly name: string;
  readonly domain: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly docString: string;
  readonly body: Body;
}

/** The names of what a value can be: an element type for a dense tensor, `seq(float32)`, `optional(int64)`, … */
export type TypeName = DType | SequenceOf<DType> | OptionalOf<DType | SequenceOf<DType>>;
export type SequenceOf<T extends DType> = `seq(${T})`;
export type OptionalOf<T extends TypeName> = T extends DType | SequenceOf<DType> ? `optional(${T})` : never;

/** A value of whatever type. */
export type AnyValue = Value<TypeName>;

export class Value<D extends TypeName = DType> {
  /** @internal Values come from `input`, `constant` and operators. */
  constructor(
    readonly type: ValueType,
    readonly source: Source,
    /** The name this value would like to have in the model. */
    readonly name: string | undefined = undefined,
  ) {}

  /**
   * Element type.
   * @throws RheobaseError `bad-input` for a sequence, an optional, or a value whose type is not known.
   */
  get dtype(): D {
    if (this.type.kind !== 'tensor') throw badInput(`${this.label} is no tensor (${this.type.kind})`);
    return this.type.dtype as D;
  }

  /** Extents, names of symbolic ones, null where unknown; null as a whole where the rank is unknown. */
  get shape(): Shape {
    return this.type.kind === 'tensor' ? this.type.shape : null;
  }

  /** The elements of a constant, undefined for any other value. */
  get constant(): Tensor | undefined {
    return this.source.kind === 'constant' ? this.source.tensor : undefined;
  }

  /** What is known of the elements of a small integer scalar or vector: the extents that a Shape gives, symbolic ones too. */
  get elements(): readonly Dim[] | undefined {
    return this.source.kind === 'output' ? this.source.call.elements?.[this.source.index] : undefined;
  }

  /** The same value, wishing for a name. */
  named(name: string): Value<D> {
    return new Value<D>(this.type, this.source, name);
  }

  /** How errors call this value. */
  get label(): string {
    if (this.name !== undefined) return `'${this.name}'`;
    if (this.source.kind === 'input') return `input '${this.source.name}'`;
    return this.source.kind === 'constant' ? 'a constant' : `an output of ${this.source.call.schema.opType}`;
  }
}

/** The place of a call, as `where` of an error. */
export function placeOf(site: CallSite): { where?: string } {
  const where = site.place;
  return where === undefined ? {} : { where };
}
