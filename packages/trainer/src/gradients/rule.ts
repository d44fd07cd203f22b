/**
 * What a gradient rule is: for one operator, the gradients of its inputs from those of its outputs, or the operator in
 * simpler ones that have rules. Rules are data under an operator's name (`rules.ts`); they build graph values and know
 * nothing of the walk that calls them.
 */
import { badInput, type Tensor, type Value } from '@rheobase/exporter';
import { spreadTo } from '../graph/broadcast.js';
import { labelOf } from '../graph/labels.js';
import type { Call } from '../graph/values.js';

/** An operator application as its rule sees it. */
export class Differentiated {
  constructor(
    readonly call: Call,
    /** The outputs that the graph uses; the others are undefined. */
    readonly outputs: readonly (Value | undefined)[],
    readonly wanted: readonly boolean[],
    /** The chain of operators from here to the loss, for errors. */
    readonly path: string,
  ) {}

  get opType(): string {
    return this.call.schema.opType;
  }

  /** An input that must be there. */
  input(index: number): Value {
    return this.optional(index) ?? this.fail(`input ${index} is missing`);
  }

  optional(index: number): Value | undefined {
    return this.call.inputs[index] ?? undefined;
  }

  /** The rank of an input whose rule asks for it. */
  rankOf(index: number): number {
    return this.input(index).shape?.length ?? this.fail(`its input ${index} has no known rank`);
  }

  get inputs(): readonly Value[] {
    return this.call.inputs.map((_, index) => this.input(index));
  }

  /** The first output. */
  get output(): Value {
    return this.outputs[0] ?? this.fail('its first output is not used');
  }

  /** Whether the gradient of an input is needed at all. */
  wants(index: number): boolean {
    return this.wanted[index] ?? false;
  }

  /** A float attribute, rounded to float32 as ONNX stores it. */
  float(name: string, byDefault: number): number {
    const attribute = this.call.attributes.get(name);
    return Math.fround(attribute?.kind === 'float' ? attribute.value : byDefault);
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.call.attributes.get(name);
    return attribute?.kind === 'floats' ? attribute.value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const attribute = this.call.attributes.get(name);
    return attribute?.kind === 'strings' ? attribute.value.map((text) => new TextDecoder().decode(text)) : undefined;
  }

  int(name: string, byDefault: number): number {
    const attribute = this.call.attributes.get(name);
    return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.call.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
  }

  text(name: string, byDefault: string): string {
    const attribute = this.call.attributes.get(name);
    return attribute?.kind === 'string' ? new TextDecoder().decode(attribute.value) : byDefault;
  }

  /** Ends differentiation with an error that names the node and its way to the loss. */
  fail(problem: string, remedy?: string): never {
    throw differentiationError(this.call, this.path, problem, remedy);
  }
}

/** Gradients of the inputs in order; undefined is zero, or an input that has none. */
export type InputGradients = readonly (Value | undefined)[];

/** A rule that says the gradients. */
export interface DirectRule {
  /** Gradients of all outputs in order, undefined where one is zero; at least one is there. */
  readonly apply: (node: Differentiated, gradients: readonly (Value | undefined)[]) => InputGradients;
}

/** A rule that writes the operator out in simpler ones: those are differentiated in its place. */
export interface DefinitionRule {
  /** The outputs in order, as values of simpler operators on the same inputs; undefined for one that has no gradient. */
  readonly define: (node: Differentiated) => readonly (Value | undefined)[];
}

export type GradientRule = DirectRule | DefinitionRule;

/** A rule for an operator with one output, by its definition. */
export function byDefinition(define: (node: Differentiated) => Value): DefinitionRule {
  return { define: (node) => [define(node)] };
}

/** A rule for an operator with one output; its gradient comes in that output's full shape. */
export function rule(apply: (node: Differentiated, gradient: Value) => InputGradients): DirectRule {
  return { apply: (node, gradients) => apply(node, spreadTo(only(node, gradients), node.output)) };
}

/**
 * A rule that works element by element, for which a gradient smaller than the output (one number that stands for
 * all) is as good as a full one.
 */
export function elementwise(apply: (node: Differentiated, gradient: Value) => InputGradients): DirectRule {
  return { apply: (node, gradients) => apply(node, only(node, gradients)) };
}

/** A rule for an operator whose outputs all have gradients, each in full shape. */
export function multiple(apply: DirectRule['apply']): DirectRule {
  return {
    apply: (node, gradients) =>
      apply(
        node,
        gradients.map((gradient, index) => {
          const output = node.outputs[index];
          return gradient === undefined || output === undefined ? undefined : spreadTo(gradient, output);
        }),
      ),
  };
}

function only(node: Differentiated, gradients: readonly (Value | undefined)[]): Value {
  const further = gradients.findIndex((gradient, index) => index > 0 && gradient !== undefined);
  if (further > 0) node.fail(`the loss uses its output ${further}, through which no gradient flows`);
  return gradients[0] ?? node.fail('its first output has no gradient');
}

export function differentiationError(call: Call, path: string, problem: string, remedy?: string): Error {
  const place = labelOf(call) ?? call.site.place;
  return badInput(`${call.schema.opType}: ${problem}; path to the loss: ${path}`, {
    ...(place === undefined ? {} : { where: place }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The elements of a constant float input, undefined where they are not known. */
export function constantOf(value: Value | undefined): Tensor | undefined {
  return value?.constant;
}
