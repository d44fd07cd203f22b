/** Graphs and nodes in ONNX's textual syntax, with subgraphs as values of attributes. */
import type { Attribute, Graph, Node, SparseTensor, ValueInfo } from '../model/model.js';
import { block, indent, type Line, list } from './layout.js';
import { commentText, dottedName, name, names, plainName, quoted } from './names.js';
import { floatText } from './numbers.js';
import { attributeTensorText, initializerText } from './tensors.js';
import { tensorType, typeText, valueText } from './types.js';

/** `name (inputs) => (outputs) <initializers and known types> { nodes }` */
export function graphText(graph: Graph, maxElements: number, depth: number): string {
  const inputs = list('(', graph.inputs.map(valueText), ')', depth);
  const outputs = list('(', graph.outputs.map(valueText), ')', depth);
  const constants = graph.initializers.map((tensor): Line => {
    const { text, omitted } = initializerText(tensor, maxElements);
    return { text, comment: omitted };
  });
  const declared = [...constants, ...graph.valueInfo.map((value) => ({ text: valueText(value) }))];
  const sparse = graph.sparseInitializers.map((tensor) => `${indent(depth + 1)}# ${sparseText(tensor)}\n`);
  return [
    `${name(graph.name)} ${inputs} => ${outputs}`,
    ...(declared.length === 0 ? [] : [`\n${indent(depth)}${block('<', declared, '>', depth)}`]),
    `\n${indent(depth)}${nodesText(graph.nodes, maxElements, depth, sparse)}`,
  ].join('');
}

/** `{ … }`, a node to a line. */
export function nodesText(
  nodes: readonly Node[],
  maxElements: number,
  depth: number,
  before: readonly string[] = [],
): string {
  const lines = nodes.map((node) => `${indent(depth + 1)}${nodeText(node, maxElements, depth + 1)}\n`);
  return ['{\n', ...before, ...lines, `${indent(depth)}}`].join('');
}

/** The syntax has no form for them. */
function sparseText({ values, indices, shape }: SparseTensor): string {
  const given = `${indices.shape[0] ?? 0} elements given`;
  return commentText(`sparse: ${tensorType({ dtype: values.dtype, shape })} ${name(values.name)}, ${given}`);
}

/** `[label] y = com.example.Op <attribute = 1> (x, w)`; attributes come last where they hold graphs. */
function nodeText(node: Node, maxElements: number, depth: number): string {
  const label = node.name === '' ? '' : `[${name(node.name)}] `;
  const outputs = node.outputs.length === 0 ? '' : `${names(node.outputs)} `;
  const domain = node.domain === '' ? '' : `${dottedName(node.domain)}.`;
  const overload = node.overload === '' ? '' : `:${plainName(node.overload)}`;
  const operator = `${label}${outputs}= ${domain}${plainName(node.opType)}${overload}`;
  const inputs = `(${names(node.inputs)})`;
  if (node.attributes.length === 0) return `${operator}${inputs}`;
  const attributes = list('<', attributeTexts(node.attributes, maxElements, depth), '>', depth);
  const holdsGraphs = node.attributes.some(({ kind }) => kind === 'graph' || kind === 'graphs');
  return holdsGraphs ? `${operator} ${inputs} ${attributes}` : `${operator} ${attributes} ${inputs}`;
}

export function attributeTexts(attributes: readonly Attribute[], maxElements: number, depth: number): string[] {
  return attributes.map((attribute) => attributeText(attribute, maxElements, depth + 1));
}

/** `alpha = 0.5`; the type is said where the value does not tell it. */
function attributeText(attribute: Attribute, maxElements: number, depth: number): string {
  const attributeName = plainName(attribute.name);
  if (attribute.kind === 'reference') {
    return `${attributeName}: ${TYPE_NAMES[attribute.type]} = @${name(attribute.refName)}`;
  }
  const one = singleText(attribute, maxElements, depth);
  if (one !== undefined) return `${attributeName} = ${one}`;
  const items = itemTexts(attribute, maxElements, depth);
  const evident = items.length > 0 && SELF_EVIDENT.has(attribute.kind);
  if (evident && items.length <= maxElements) return `${attributeName} = ${list('[', items, ']', depth)}`;
  const shown =
    items.length <= maxElements
      ? list('[', items, ']', depth)
      : `[ # ${items.length} values not shown\n${indent(depth)}]`;
  return `${attributeName}: ${TYPE_NAMES[attribute.kind]} = ${shown}`;
}

/** Lists whose kind can be read off their elements. */
const SELF_EVIDENT: ReadonlySet<Attribute['kind']> = new Set(['floats', 'ints', 'strings']);

const TYPE_NAMES: Readonly<Record<Exclude<Attribute['kind'], 'reference'>, string>> = {
  float: 'float',
  int: 'int',
  string: 'string',
  tensor: 'tensor',
  graph: 'graph',
  sparseTensor: 'sparse_tensor',
  type: 'type_proto',
  floats: 'floats',
  ints: 'ints',
  strings: 'strings',
  tensors: 'tensors',
  graphs: 'graphs',
  sparseTensors: 'sparse_tensors',
  types: 'type_protos',
};

type Valued = Exclude<Attribute, { kind: 'reference' }>;

/** Undefined for a list. */
function singleText(attribute: Valued, maxElements: number, depth: number): string | undefined {
  switch (attribute.kind) {
    case 'float':
      return floatText(attribute.value);
    case 'int':
      return String(attribute.value);
    case 'string':
      return quoted(new TextDecoder().decode(attribute.value));
    case 'tensor':
      return attributeTensorText(attribute.value, maxElements, depth);
    case 'graph':
      return graphText(attribute.value, maxElements, depth);
    case 'type':
      return typeText(attribute.value) ?? quoted('unknown type');
    case 'sparseTensor':
      return quoted(sparseText(attribute.value));
    default:
      return undefined;
  }
}

function itemTexts(attribute: Valued, maxElements: number, depth: number): string[] {
  switch (attribute.kind) {
    case 'floats':
      return attribute.value.map(floatText);
    case 'ints':
      return attribute.value.map(String);
    case 'strings':
      return attribute.value.map((bytes) => quoted(new TextDecoder().decode(bytes)));
    case 'tensors':
      return attribute.value.map((tensor) => attributeTensorText(tensor, maxElements, depth + 1));
    case 'graphs':
      return attribute.value.map((graph) => graphText(graph, maxElements, depth + 1));
    case 'types':
      return attribute.value.map((type) => typeText(type) ?? quoted('unknown type'));
    case 'sparseTensors':
      return attribute.value.map((sparse) => quoted(sparseText(sparse)));
    default:
      return [];
  }
}

/** Known types of values inside a function. */
export function valueListText(values: readonly ValueInfo[], depth: number): string {
  return list('<', values.map(valueText), '>', depth);
}
