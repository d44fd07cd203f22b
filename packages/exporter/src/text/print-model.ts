/**
 * A model as text, in the textual syntax of the ONNX project, which its own parser reads back:
 *
 *     <ir_version: 10, opset_import: ["" : 21]>
 *     main (float[N, 128] x) => (float[N, 10] y)
 *     <
 *       float[128, 10] w = {} # 1280 elements not shown
 *     >
 *     {
 *       h = MatMul(x, w)
 *       y = Softmax <axis = -1> (h)
 *     }
 *
 * The syntax has no place for documentation strings and metadata inside the graph, for sparse tensors and for fields of
 * a later version of the format; sparse initializers are told in comments, the rest is left out.
 *
 * Source: ONNX, docs/Syntax.md.
 */
import type { LocalFunction, Model } from '../model/model.js';
import { attributeTexts, graphText, nodesText, valueListText } from './graphs.js';
import { list } from './layout.js';
import { name, names, plainName, quoted } from './names.js';

export interface PrintOptions {
  /** Tensors and lists with more elements are shown without them. Default 16; `Infinity` shows all. */
  readonly maxElements?: number;
}

/** The text of a model, ending with a line break. */
export function printModel(model: Model, { maxElements = 16 }: PrintOptions = {}): string {
  return [
    header(model),
    graphText(model.graph, maxElements, 0),
    ...model.functions.map((fn) => `\n${functionText(fn, maxElements)}`),
    '',
  ].join('\n');
}

function header(model: Model): string {
  const { irVersion, opsets, producerName, producerVersion, domain, modelVersion, docString, metadata } = model;
  const entries = Object.entries(metadata).map(([key, value]) => `${quoted(key)}: ${quoted(value)}`);
  return list(
    '<',
    [
      `ir_version: ${irVersion}`,
      `opset_import: ${opsetText(opsets)}`,
      ...textEntry('producer_name', producerName),
      ...textEntry('producer_version', producerVersion),
      ...textEntry('domain', domain),
      ...(modelVersion === 0n ? [] : [`model_version: ${modelVersion}`]),
      ...textEntry('doc_string', docString),
      ...(entries.length === 0 ? [] : [`metadata_props: ${list('[', entries, ']', 1)}`]),
    ],
    '>',
    0,
  );
}

function functionText(fn: LocalFunction, maxElements: number): string {
  const head = list(
    '<',
    [
      `domain: ${quoted(fn.domain)}`,
      ...textEntry('overload', fn.overload),
      `opset_import: ${opsetText(fn.opsets)}`,
      ...textEntry('doc_string', fn.docString),
    ],
    '>',
    0,
  );
  const attributes = [...fn.attributeNames.map(plainName), ...attributeTexts(fn.attributeDefaults, maxElements, 0)];
  const attributeList = attributes.length === 0 ? '' : `${list('<', attributes, '>', 0)} `;
  const signature = `${name(fn.name)} ${attributeList}(${names(fn.inputs)}) => (${names(fn.outputs)})`;
  const types = fn.valueInfo.length === 0 ? [] : [valueListText(fn.valueInfo, 0)];
  return [head, signature, ...types, nodesText(fn.nodes, maxElements, 0)].join('\n');
}

function opsetText(opsets: Readonly<Record<string, number>>): string {
  return `[${Object.entries(opsets)
    .map(([domain, version]) => `${quoted(domain)} : ${version}`)
    .join(', ')}]`;
}

function textEntry(key: string, text: string): string[] {
  return text === '' ? [] : [`${key}: ${quoted(text)}`];
}
