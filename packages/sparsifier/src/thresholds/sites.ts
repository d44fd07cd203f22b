/**
 * Where a model can take a threshold: behind its activations, behind thresholds that it has already (of two in a row the
 * higher decides), and, where asked for, in front of products that no activation precedes.
 */
import {
  type InsertionResult,
  insertThresholds,
  type Model,
  producedValues,
  type SiteSummary,
  THRESHOLD_SITES,
  type ThresholdSelector,
} from '@rheobase/exporter';
import { badInput, type RheobaseError } from '@rheobase/exporter/errors';
import { type GateKind, usualChannelAxis } from '../calibration/index.js';
import { inMainGraph } from '../lowerings/in-main-graph.js';
import { findProducts } from '../lowerings/lower-products.js';
import { sourceOfValue } from '../lowerings/source-of-value.js';
import { isThresholdFunction, readThreshold, THRESHOLD_OPERATORS, type Theta } from './existing-threshold.js';
import { tapProductInputs } from './product-inputs.js';
import { isReluSpelling, RELU_SPELLINGS } from './relu-spellings.js';

export interface Site extends SiteSummary {
  /** θ that stands there already; null where there is none, or it is no constant. */
  readonly existing: Theta | null;
  /** The products that read its value, directly or through nodes that only move elements: labels of their nodes. */
  readonly products: readonly string[];
  /** The axis along which its value's channels lie; undefined where that is seen only when it runs. */
  readonly channelAxis: number | undefined;
}

export interface FoundSites {
  /** The model that the sites are of: the one given, with Identity nodes where inputs of products are sites. */
  readonly model: Model;
  readonly sites: readonly Site[];
  /** The operators among which the sites' positions count. */
  readonly ops: readonly string[];
}

/**
 * @param gate `input` makes the inputs of products sites as well.
 * @throws RheobaseError `bad-input` where there is no place for a threshold.
 */
export function findSites(given: Model, selector: ThresholdSelector, gate: GateKind | 'input'): FoundSites {
  const first = sitesOf(given, selector);
  if (gate !== 'input') return orNothing(first);
  const tapped = tapProductInputs(given, new Set(first.sites.map(({ value }) => value)));
  return orNothing(sitesOf(tapped.model, selector, tapped.values));
}

interface Candidates extends FoundSites {
  readonly insertion: InsertionResult;
}

function sitesOf(model: Model, selector: ThresholdSelector, taps: ReadonlySet<string> = new Set()): Candidates {
  const functions = model.graph.nodes.filter(isThresholdFunction).map(({ opType }) => opType);
  const byDefault = [...THRESHOLD_SITES, ...RELU_SPELLINGS, ...THRESHOLD_OPERATORS, ...functions];
  const ops = [...(selector.ops ?? byDefault), ...(taps.size === 0 ? [] : ['Identity'])];
  const insertion = insertThresholds(model, { ...selector, ops }, { threshold: { input: unusedName(model) } });
  const nodes = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const existing = existingThresholds(model);
  const axes = convolutionAxes(model);
  const relus = new Set(reluValues(model));
  // Only values of the main graph can be watched: those of a branch or a loop have no value outside of it.
  const visible = new Set(producedValues(model));
  const behind = new Set([...existing.values()].flatMap(({ of }) => of));
  const readers = readersBySource(model);
  const sites = insertion.chosen.flatMap(({ threshold: _, lowering: __, ...site }): Site[] => {
    const { value, activation } = site;
    const threshold = existing.get(value);
    const isPlain = THRESHOLD_SITES.includes(activation) || (selector.ops?.includes(activation) ?? relus.has(value));
    const isWanted = activation === 'Identity' ? taps.has(value) : isPlain || threshold !== undefined;
    if (!visible.has(value) || !nodes.has(value) || !isWanted || behind.has(value)) return [];
    const own = { existing: threshold?.theta ?? null, products: readers.get(value) ?? [] };
    return [{ ...site, ...own, channelAxis: axes.get(value) ?? usualAxis(site) }];
  });
  return { model, sites, ops, insertion };
}

function usualAxis({ type }: SiteSummary): number | undefined {
  return type?.shape ? usualChannelAxis(type.shape.length) : undefined;
}

/** Values that a convolution reads, or gives and functions of one element pass on: their channels are the second axis. */
function convolutionAxes(model: Model): ReadonlyMap<string, number> {
  const axes = new Map<string, number>();
  for (const { opType, domain, inputs, outputs } of model.graph.nodes) {
    if (domain !== '') continue;
    const isConvolution = opType === 'Conv' || opType === 'ConvTranspose' || opType === 'BatchNormalization';
    const follows = !MIXES_AXES.has(opType) && inputs.some((name) => axes.has(name));
    if (isConvolution) axes.set(inputs[0] ?? '', 1);
    if (isConvolution || follows) for (const output of outputs) axes.set(output, 1);
  }
  return axes;
}

/** Operators behind which the second axis need not be that of the channels any more. */
const MIXES_AXES: ReadonlySet<string> = new Set([
  ...[
    'MatMul',
    'Gemm',
    'Reshape',
    'Flatten',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
    'Shape',
    'Einsum',
    'Gather',
    'Slice',
  ],
  ...['LSTM', 'GRU', 'RNN', 'Concat', 'Split', 'Scan', 'Loop', 'If', 'ReduceMean', 'ReduceSum', 'ReduceMax', 'Expand'],
]);

/** Values of Relu by another name. */
function reluValues(model: Model): readonly string[] {
  return inMainGraph(model, (scope) =>
    scope.graph.nodes.flatMap((node) => (isReluSpelling(node, scope) ? [node.outputs[0] ?? ''] : [])),
  );
}

function existingThresholds(model: Model) {
  return new Map(
    inMainGraph(model, (scope) =>
      scope.graph.nodes.flatMap((node) => {
        const threshold = readThreshold(node, scope);
        return threshold === undefined ? [] : [[node.outputs[0] ?? '', threshold] as const];
      }),
    ),
  );
}

/** Products by the value their zeros come from. */
function readersBySource(model: Model): ReadonlyMap<string, readonly string[]> {
  const products = findProducts(model);
  const sources = inMainGraph(model, (scope) => products.map(({ activation }) => sourceOfValue(activation, scope)));
  const readers = new Map<string, string[]>();
  for (const [index, { node, activation }] of products.entries()) {
    for (const value of new Set([activation, ...(sources[index] ?? [])])) {
      readers.set(value, [...(readers.get(value) ?? []), node]);
    }
  }
  return readers;
}

function unusedName(model: Model): string {
  const taken = new Set([...producedValues(model), ...model.graph.inputs.map(({ name }) => name)]);
  let name = 'rheobase/theta';
  while (taken.has(name)) name = `${name}_`;
  return name;
}

function orNothing({ model, sites, ops, insertion }: Candidates): FoundSites {
  if (sites.length === 0) throw nothingToThreshold(model, insertion);
  return { model, sites, ops };
}

function nothingToThreshold(model: Model, { chosen, refused }: InsertionResult): RheobaseError {
  const what = 'the model has no activation that can take a threshold';
  const inside = chosen.find(({ activation, value }) => {
    return THRESHOLD_SITES.includes(activation) && !producedValues(model).includes(value);
  });
  if (inside !== undefined) {
    return badInput(`${what}: all of them are inside branches or loops`, {
      where: `node ${inside.node}`,
      remedy: 'fix the inputs that decide the branch with fixInputs()',
    });
  }
  const [first] = refused;
  return badInput(what, {
    ...(first?.node ? { where: `node ${first.node}` } : {}),
    remedy: first === undefined ? 'threshold the inputs of its products instead: gate input' : first.reason,
  });
}
