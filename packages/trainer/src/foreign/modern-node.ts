/**
 * A node of an older opset as the newest one says it. Gradient rules are written for the newest operators; most older
 * versions differ in form only: what is an input now was an attribute of that name.
 */
import {
  badInput,
  constant,
  DEFAULT_OPSET,
  floatAttribute,
  intAttribute,
  makeNode,
  makeValue,
  type Node,
  newestVersion,
  type OperatorSchema,
  op,
  type Value,
} from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { Differentiated } from '../gradients/rule.js';
import { RULES } from '../gradients/rules.js';
import { mul } from '../graph/arithmetic.js';
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
  const made = makeNode(
    schema,
    operands.map((operand) => operand ?? undefined),
    attributes,
    { outputs: node.outputs.length },
  );
  return schema.versions[0].since > DEFAULT_OPSET ? writtenOut(made) : made;
}

/** An operator that training graphs, whose opset is older, do not have yet, in simpler ones. */
function writtenOut(outputs: readonly Value[]): Value[] {
  const { source } = outputs[0];
  const rule = source.kind === 'output' ? RULES.get(source.call.schema.opType) : undefined;
  if (source.kind !== 'output' || rule === undefined) return [...outputs];
  if (!('define' in rule)) {
    const { opType, versions } = source.call.schema;
    throw badInput(`${opType} is of opset ${versions[0].since}, training graphs are of opset ${DEFAULT_OPSET}`, {
      remedy: 'export the model with an older opset',
    });
  }
  const { call } = source;
  const defined = rule.define(new Differentiated(call, outputs, [], call.schema.opType));
  return outputs.map((output, index) => defined[index] ?? output);
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

/** Until opset 13 everything from the axis on was one long axis. */
const flattening: Special = (node, opset, [x]) => {
  const rank = x?.shape?.length;
  if (opset >= 13 || x === null || x === undefined) return undefined;
  if (rank === undefined) throw badInput(`${node.opType}: its input has no known rank`);
  const softmax = node.opType === 'LogSoftmax' ? op.logSoftmax : op.softmax;
  const axis = (intAttribute(node, 'axis', 1) + rank) % rank;
  if (axis === rank - 1) return [softmax(x)];
  return [reshape(softmax(op.flatten(x, { axis })), shapeOf(x), x.shape)];
};

/** Resize of an opset that had but one way to place elements. */
function stretched(node: Node, x: Value, scales: Value): Value {
  const mode = node.attributes.find(({ name }) => name === 'mode');
  return makeValue(schemas.Resize, [x, undefined, scales], {
    mode: mode?.kind === 'string' ? decoder.decode(mode.value) : 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

/** BatchNormalization by the statistics of the batch, written out: ONNX Runtime does not run its training form. */
function byBatch(node: Node, [x, scale, bias]: readonly (Value | null)[]): Value {
  const rank = x?.shape?.length;
  if (x == null || scale == null || bias == null || rank === undefined) {
    throw badInput('BatchNormalization: in training mode its input must have a known rank');
  }
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const perChannel = (value: Value) => reshape(value, [-1, ...axes.slice(1).map(() => 1)]);
  const centred = op.sub(x, op.reduceMean(x, { axes, keepdims: true }));
  const variance = op.reduceMean(op.mul(centred, centred), { axes, keepdims: true });
  const deviation = op.sqrt(op.add(variance, floatAttribute(node, 'epsilon', 1e-5)));
  return op.add(op.mul(op.div(centred, deviation), perChannel(scale)), perChannel(bias));
}

const SPECIAL: Readonly<Record<string, Special>> = {
  Softmax: flattening,
  LogSoftmax: flattening,

  /** For inference it passes its input. */
  Dropout(_node, _opset, [x, , training]) {
    const isTraining = training != null && Number(training.constant?.data[0] ?? 1) !== 0;
    if (x != null && !isTraining) return [x];
    throw badInput('Dropout: is in training mode, which drops by chance in the exported model too', {
      remedy: 'export the model for inference',
    });
  },

  /** x·σ(αx), for training graphs of an opset that has no such operator. */
  Swish(node, _opset, [x]) {
    return x == null ? undefined : [op.mul(x, op.sigmoid(mul(x, floatAttribute(node, 'alpha', 1))))];
  },

  /** Until opset 11 an image was stretched from its corner, and a scale was input 1. */
  Resize(node, opset, [x, scales]) {
    return opset > 10 || x == null || scales == null ? undefined : [stretched(node, x, scales)];
  },

  Upsample(node, _opset, [x, given]) {
    const attribute = node.attributes.find(({ name }) => name === 'scales');
    const scales = given ?? (attribute?.kind === 'floats' ? constant(attribute.value, 'float32') : undefined);
    return x == null || scales === undefined ? undefined : [stretched(node, x, scales)];
  },

  /** Until opset 18 the number of outputs says into how many equal parts. */
  Split(node, _opset, [x, sizes]) {
    const given = node.attributes.some(({ name }) => name === 'split' || name === 'num_outputs');
    if (x == null || sizes != null || given) return undefined;
    return op.split(x, { axis: intAttribute(node, 'axis', 0), numOutputs: node.outputs.length });
  },

  /** For inference it has one output, whatever a training form listed. */
  BatchNormalization(node, opset, inputs) {
    if (opset >= 14 && intAttribute(node, 'training_mode', 0) !== 0) return [byBatch(node, inputs)];
    if (node.outputs.length === 1) return undefined;
    return applyNode({ ...node, outputs: node.outputs.slice(0, 1) }, schemas.BatchNormalization, opset, inputs);
  },
};
