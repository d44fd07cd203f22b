/**
 * Where a model can take a threshold: behind its activations, behind thresholds that it has already (of two in a row the
 * higher decides), and, where asked for, in front of products that no activation precedes.
 */
import {
  GATE_OPERATORS,
  type InsertionResult,
  inMainGraph,
  insertThresholds,
  type Model,
  producedValues,
  readThresholds,
  type SiteSummary,
  THRESHOLD_SITES,
  type Theta,
  type ThresholdGate,
  type ThresholdSelector,
} from '@rheobase/exporter';
import { badInput, type RheobaseError } from '@rheobase/exporter/errors';
import { type GateKind, usualChannelAxis } from '../calibration/index.js';
import { findProducts } from '../lowerings/lower-products.js';
import { sourceOfValue } from '../lowerings/source-of-value.js';
import { tapProductInputs } from './product-inputs.js';

export interface Site extends SiteSummary {
  /** θ that what passes there exceeds already; null where there is none, or it is no constant. */
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
  const gates = gatesByValue(model);
  const called = [...gates.values()].map(({ node }) => node.opType);
  const byDefault = [...new Set([...THRESHOLD_SITES, ...GATE_OPERATORS, ...called])];
  const ops = [...(selector.ops ?? byDefault), ...(taps.size === 0 ? [] : ['Identity'])];
  const insertion = insertThresholds(model, { ...selector, ops }, { threshold: { input: unusedName(model) } });
  const nodes = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const axes = convolutionAxes(model);
  // Only values of the main graph can be watched: those of a branch or a loop have no value outside of it.
  const visible = new Set(producedValues(model));
  const thresholds = [...gates.values()].filter(({ kind }) => kind === 'threshold');
  const behind = new Set(thresholds.flatMap(({ compares, passes }) => [...compares, ...passes]));
  const readers = readersBySource(model);
  const sites = insertion.chosen.flatMap(({ threshold: _, lowering: __, ...site }): Site[] => {
    const { value, activation } = site;
    const gate = gates.get(value);
    const isAsked = THRESHOLD_SITES.includes(activation) || selector.ops?.includes(activation) === true;
    const isWanted = activation === 'Identity' ? taps.has(value) : isAsked || takesMore(gate, selector);
    if (!visible.has(value) || !nodes.has(value) || !isWanted || behind.has(value)) return [];
    const own = { existing: thetaOf(gate), products: readers.get(value) ?? [] };
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

/** The gates that the model has in its main graph, by the value they give. */
function gatesByValue(model: Model): ReadonlyMap<string, ThresholdGate> {
  const gates = readThresholds(model).gates.filter(({ within }) => within.length === 0);
  return new Map(gates.map((gate) => [gate.output, gate]));
}

/** A ReLU by another name (Clip, Max) is a site unless other operators are asked for. */
function takesMore(gate: ThresholdGate | undefined, { ops }: ThresholdSelector): boolean {
  return gate?.kind === 'threshold' || (gate?.kind === 'relu' && ops === undefined);
}

/** What a gate lets through that fires below θ exceeds nothing. */
function thetaOf(gate: ThresholdGate | undefined): Theta | null {
  return gate === undefined || gate.fires === 'below' ? null : gate.theta;
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
