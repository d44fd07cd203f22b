/**
 * Which operations lie between parameters and loss: those that the loss is computed through and that depend on a
 * parameter. Nothing else is differentiated, so nothing else needs a rule.
 */
import type { Value } from '@rheobase/exporter';
import { type Call, isDifferentiable, type Source } from '../graph/values.js';
import { operandsOf } from '../graph/walk.js';
import { type Declaration, declarationOf } from './custom-gradient.js';
import { FLAT } from './flat.js';

export type Producer =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'declared'; readonly declaration: Declaration };

export interface Operation {
  readonly producer: Producer;
  readonly inputs: readonly (Value | null)[];
  /** The outputs that the loss is computed through. */
  readonly outputs: readonly (Value | undefined)[];
  /** Which inputs depend on a parameter. */
  readonly wanted: readonly boolean[];
  /** `MatMul → Relu → loss`. */
  path(): string;
}

interface Draft {
  readonly producer: Producer;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: (Value | undefined)[];
  /** The operation that led here, undefined for the loss's own. */
  readonly user: Draft | undefined;
}

/**
 * In an order where every operation comes after those it depends on. `undeclared`: the loss's own declared gradient is
 * left aside. What `ends` are computed from is not looked at.
 */
export function operationsBetween(
  loss: Value,
  parameters: readonly Value[],
  own: 'declared' | 'undeclared' = 'declared',
  ends: ReadonlySet<Source> = new Set(),
): Operation[] {
  const dependent = new Set<Source>(parameters.map(({ source }) => source));
  const between: Operation[] = [];
  for (const draft of draftsBehind(loss, own, ends)) {
    const wanted = draft.inputs.map((input) => input !== null && dependent.has(input.source));
    if (!wanted.includes(true) || isFlat(draft.producer)) continue;
    for (const output of draft.outputs) {
      if (output !== undefined && isDifferentiable(output.type)) dependent.add(output.source);
    }
    between.push({ ...draft, wanted, path: () => pathOf(draft) });
  }
  return between;
}

function isFlat(producer: Producer): boolean {
  return producer.kind === 'call' && producer.call.schema.domain === '' && FLAT.has(producer.call.schema.opType);
}

/** Everything the loss is computed from, in topological order. */
function draftsBehind(loss: Value, own: 'declared' | 'undeclared', ends: ReadonlySet<Source>): Draft[] {
  const drafts = new Map<Call | Declaration, Draft>();
  const done = new Set<Draft>();
  const entered = new Set<Draft>();
  const draftOf = (value: Value, user: Draft | undefined): Draft | undefined => {
    if (ends.has(value.source)) return undefined;
    const producer = producerOf(value.source, own === 'declared' || value.source !== loss.source);
    if (producer === undefined) return undefined;
    const key = producer.kind === 'call' ? producer.call : producer.declaration;
    const draft = drafts.get(key) ?? newDraft(producer, user);
    drafts.set(key, draft);
    draft.outputs[producer.kind === 'call' && value.source.kind === 'output' ? value.source.index : 0] = value;
    return draft;
  };

  const first = draftOf(loss, undefined);
  const pending = first === undefined ? [] : [first];
  while (pending.length > 0) {
    const draft = pending[pending.length - 1];
    if (entered.has(draft)) {
      done.add(draft);
      pending.pop();
      continue;
    }
    entered.add(draft);
    for (const input of draft.inputs.toReversed()) {
      const next = input === null ? undefined : draftOf(input, draft);
      if (next !== undefined && !entered.has(next)) pending.push(next);
    }
  }
  return [...done];
}

function producerOf(source: Source, heedsDeclaration: boolean): Producer | undefined {
  const declaration = heedsDeclaration ? declarationOf(source) : undefined;
  if (declaration !== undefined) return { kind: 'declared', declaration };
  return source.kind === 'output' ? { kind: 'call', call: source.call } : undefined;
}

function newDraft(producer: Producer, user: Draft | undefined): Draft {
  const isCall = producer.kind === 'call';
  const outputs = new Array<Value | undefined>(isCall ? producer.call.outputs.length : 1).fill(undefined);
  return { producer, inputs: isCall ? operandsOf(producer.call) : producer.declaration.inputs, outputs, user };
}

/** From an operation to the loss; a long chain is shortened in the middle. */
function pathOf(draft: Draft): string {
  const steps: string[] = [];
  for (let at: Draft | undefined = draft; at !== undefined; at = at.user) steps.push(stepName(at));
  steps.push('loss');
  return (steps.length > 12 ? [...steps.slice(0, 6), '…', ...steps.slice(-5)] : steps).join(' → ');
}

function stepName({ producer, outputs }: Draft): string {
  const opType = producer.kind === 'call' ? producer.call.schema.opType : 'customGradient';
  const name = outputs.find((output) => output?.name !== undefined)?.name;
  return name === undefined ? opType : `${opType} '${name}'`;
}
