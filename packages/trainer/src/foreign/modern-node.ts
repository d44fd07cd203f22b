/**
 * A node of an older opset as the newest one says it. Gradient rules are written for the newest operators; most older
 * versions differ in form only: what is an input now was an attribute of that name.
 */
import {
  badInput,
  constant,
  makeNode,
  type Node,
  newestVersion,
  type OperatorSchema,
  op,
  type Value,
} from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { reshape, shapeOf } from '../graph/operators.js';

type AttributeInput = NonNullable<NonNullable<Parameters<typeof makeNode>[2]>[string]>;
type Attribute = Node['attributes'][number];

/** Inputs that were attributes of another name. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pad: { value: 'constant_value' },
  TopK: { k: 'K' },
};

/** Attributes of old that change nothing: hints for memory, and what is the only way now. */
const MEANINGLESS: ReadonlySet<string> = new Set(['consumed_inputs', 'spatial', 'is_test']);

/**
 * The outputs of a node of ai.onnx.
 * @param inputs by position, null where one is left out.
 * @throws RheobaseError `bad-input` where an attribute has no newer form.
 */
export function applyNode(
  node: Node,
  schema: OperatorSchema,
  opset: number,
  inputs: readonly (Value | null)[],
): Value[] {
  const special = SPECIAL[node.opType]?.(node, opset, inputs);
  if (special !== undefined) return special;
  const { operands, attributes } = inNewestForm(node, schema, inputs);
  return makeNode(
    schema,
    operands.map((operand) => operand ?? undefined),
    attributes,
    { outputs: node.outputs.length },
  );
}

function inNewestForm(node: Node, schema: OperatorSchema, inputs: readonly (Value | null)[]) {
  const newest = newestVersion(schema);
  const operands = [...inputs];
  const attributes: Record<string, AttributeInput> = {};
  for (const attribute of node.attributes) {
    const { name } = attribute;
    if (newest.attributes.some((known) => known.name === name)) {
      attributes[name] = attributeInput(attribute);
      continue;
    }
    const renamed = RENAMED[node.opType]?.[name] ?? name;
    const position = newest.inputs.findIndex((parameter) => parameter.name === renamed);
    if (position !== -1) {
      while (operands.length <= position) operands.push(null);
      operands[position] = constantOf(attribute);
    } else if (!MEANINGLESS.has(name)) {
      throw badInput(`${node.opType}: its attribute '${name}' is of an opset too old to be trained`, {
        remedy: 'export the model with opset 13 or later',
      });
    }
  }
  return { operands, attributes };
}

const decoder = new TextDecoder();

function attributeInput(attribute: Attribute): AttributeInput {
  switch (attribute.kind) {
    case 'float':
    case 'int':
    case 'floats':
    case 'ints':
      return attribute.value;
    case 'string':
      return decoder.decode(attribute.value);
    case 'strings':
      return attribute.value.map((text) => decoder.decode(text));
    case 'tensor':
      if (attribute.value.content.kind === 'inline') return attribute.value.content.data();
  }
  throw badInput(`its attribute '${attribute.name}' (${attribute.kind}) cannot be trained through`);
}

function constantOf(attribute: Attribute): Value {
  switch (attribute.kind) {
    case 'float':
      return constant(attribute.value, 'float32');
    case 'int':
      return constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(attribute.value) });
    case 'ints':
      return constant({ dtype: 'int64', shape: [attribute.value.length], data: BigInt64Array.from(attribute.value) });
    default:
      throw badInput(`its attribute '${attribute.name}' (${attribute.kind}) cannot become an input`);
  }
}

type Special = (node: Node, opset: number, inputs: readonly (Value | null)[]) => Value[] | undefined;

function intOf(node: Node, name: string, byDefault: number): number {
  const attribute = node.attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
}

/** Until opset 13 everything from the axis on was one long axis. */
const flattening: Special = (node, opset, [x]) => {
  const rank = x?.shape?.length;
  if (opset >= 13 || x === null || x === undefined) return undefined;
  if (rank === undefined) throw badInput(`${node.opType}: its input has no known rank`);
  const softmax = node.opType === 'LogSoftmax' ? op.logSoftmax : op.softmax;
  const axis = (intOf(node, 'axis', 1) + rank) % rank;
  if (axis === rank - 1) return [softmax(x)];
  return [reshape(softmax(op.flatten(x, { axis })), shapeOf(x), x.shape)];
};

const SPECIAL: Readonly<Record<string, Special>> = {
  Softmax: flattening,
  LogSoftmax: flattening,

  /** For inference it passes its input. In training mode it stays, for its rule to refuse. */
  Dropout(node, _opset, [x, , training]) {
    const isTraining = training != null && Number(training.constant?.data[0] ?? 1) !== 0;
    return isTraining || node.outputs.length > 1 || x == null ? undefined : [x];
  },

  /** Until opset 18 the number of outputs says into how many equal parts. */
  Split(node, _opset, [x, sizes]) {
    const given = node.attributes.some(({ name }) => name === 'split' || name === 'num_outputs');
    if (x == null || sizes != null || given) return undefined;
    return op.split(x, { axis: intOf(node, 'axis', 0), numOutputs: node.outputs.length });
  },

  /** For inference it has one output, whatever a training form listed. */
  BatchNormalization(node, opset, inputs) {
    if (node.outputs.length === 1 || (opset >= 14 && intOf(node, 'training_mode', 0) !== 0)) return undefined;
    return applyNode({ ...node, outputs: node.outputs.slice(0, 1) }, schemas.BatchNormalization, opset, inputs);
  },
};
