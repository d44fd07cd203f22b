/** What a walk has reached, as the parts of a graph: nodes with their subgraphs, types of values, constants. */
import { initializer } from '../model/initializer.js';
import type { Attribute, Graph, Initializer, Node, ValueInfo, ValueType } from '../model/model.js';
import type { Tensor } from '../tensor/index.js';
import type { Body } from './body.js';
import { type Names, nameOf } from './names.js';
import type { Call, Source } from './value.js';
import type { Reached, ReachedCall } from './walk.js';

/** One for all: models are immutable. */
const NO_METADATA: Readonly<Record<string, string>> = {};
const NO_ATTRIBUTES: readonly Attribute[] = [];

export interface EmitContext {
  readonly names: Names;
  /** What a call of a function is called, once functions of one name and several bodies are told apart. */
  opTypeOf(call: Call): string;
}

/** A node is named after its first output, so that profiles and errors of the runtime read like the model. */
export function nodesOf(reached: Reached, context: EmitContext): Node[] {
  return reached.calls.map((called) => nodeOf(called, reached, context));
}

function nodeOf({ call, fitted, sources }: ReachedCall, reached: Reached, context: EmitContext): Node {
  const { names } = context;
  const outputs = sources.map((source) => (source === undefined ? '' : nameOf(source, names)));
  while (outputs.at(-1) === '') outputs.pop();
  return {
    name: outputs.find((output) => output !== '') ?? '',
    opType: context.opTypeOf(call),
    domain: call.schema.domain,
    overload: '',
    inputs: fitted.inputs.map((input) => (input === null ? '' : nameOf(input.source, names))),
    outputs,
    attributes:
      fitted.attributes.size === 0
        ? NO_ATTRIBUTES
        : Array.from(fitted.attributes, ([name, value]): Attribute => {
            const body = call.bodies?.get(name);
            const inner = body && reached.bodies.get(body);
            return body === undefined || inner === undefined
              ? { name, ...value }
              : { name, kind: 'graph', value: subgraph(name, body, inner, context) };
          }),
    docString: '',
    metadata: NO_METADATA,
  };
}

function subgraph(name: string, body: Body, reached: Reached, context: EmitContext): Graph {
  const infos = (values: Body['inputs']) =>
    values.map(({ source, type }) => valueInfo(nameOf(source, context.names), type));
  return {
    name,
    docString: '',
    inputs: infos(body.inputs),
    outputs: infos(body.outputs),
    initializers: [],
    sparseInitializers: [],
    nodes: nodesOf(reached, context),
    valueInfo: intermediates(reached, context.names, new Set(body.outputs.map(({ source }) => source))),
    metadata: {},
  };
}

/** Each constant once, though several may share a name. */
export function constantsOf({ constants }: Reached, names: Names): Initializer[] {
  const byName = new Map<string, Tensor>();
  for (const source of constants) byName.set(nameOf(source, names), source.tensor);
  return Array.from(byName, ([name, tensor]) => initializer(name, tensor));
}

/** Known types of values that are no outputs. */
export function intermediates(reached: Reached, names: Names, outputs: ReadonlySet<Source>): ValueInfo[] {
  const infos: ValueInfo[] = [];
  for (const { call, sources } of reached.calls) {
    for (let index = 0; index < sources.length; index += 1) {
      const source = sources[index];
      const type = call.outputs[index];
      if (source === undefined || outputs.has(source) || type.kind === 'unknown') continue;
      infos.push(valueInfo(nameOf(source, names), type));
    }
  }
  return infos;
}

export function valueInfo(name: string, type: ValueType): ValueInfo {
  return { name, type, docString: '', metadata: NO_METADATA };
}
