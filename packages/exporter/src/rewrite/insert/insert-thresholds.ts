/**
 * Thresholds for a model that has none: after every chosen activation, y = a where a > θ, else 0. The thresholded value
 * takes over the activation's name, so that everything that read the activation, subgraphs and graph outputs included,
 * now reads y, and no input or output of the graph is renamed.
 */
import type { Comparison, Lowering } from '../../activation/index.js';
import { definedNames, mapSubgraphs } from '../../analysis/reads.js';
import { RheobaseError } from '../../errors.js';
import type { Graph, Model, Node, TensorType } from '../../model/model.js';
import { valueInfo } from '../../model/plain.js';
import { nodeName } from '../../model/queries.js';
import { readThresholds, type ThresholdGate } from '../../thresholds/index.js';
import { ModelNames } from '../names.js';
import { modelTypes } from '../types.js';
import { type ActivationSite, activationSites, THRESHOLD_SITES } from './activation-sites.js';
import { type GateNodes, type GateThreshold, gateNodes } from './gate-nodes.js';
import { upgradeOpset } from './upgrade-opset.js';

/** Which activations. What is left out does not restrict. */
export interface ThresholdSelector {
  /** Operator types; activations spelled out count under their names (`Gelu`, `Swish`, `HardSwish`). Default: all activations. */
  readonly ops?: readonly string[];
  /** Node names that match. */
  readonly names?: RegExp;
  /** Positions, from 0, among those of `ops`. */
  readonly positions?: readonly number[];
}

/**
 * θ: one for all; one per channel along `axis`; or a scalar graph input, which several activations may share. It has no
 * default, because ONNX Runtime's JavaScript API does not feed inputs that have one.
 */
export type InsertedThreshold = number | readonly number[] | { readonly input: string };

export interface InsertionOptions {
  /** The same for all, or by activation. */
  readonly threshold: InsertedThreshold | ((site: SiteSummary) => InsertedThreshold);
  /** Default `greater`. */
  readonly comparison?: Comparison;
  /** The axis that one θ per channel runs along, the same for all or by activation; default −1, the last. */
  readonly axis?: number | ((site: SiteSummary) => number);
  /** Default `auto`: the cheapest exact one for `target`. */
  readonly lowering?: Lowering;
  /** Takes the lowering even where it is not exact. Default false. */
  readonly force?: boolean;
  /** For `auto`: the backend that will run the model; default `node/cpu`. */
  readonly target?: string;
}

export interface SiteSummary {
  /** Name of the node that ends the activation, or of its output where it has none. */
  readonly node: string;
  readonly activation: string;
  /** Name of the value that is thresholded. */
  readonly value: string;
  readonly type: TensorType | undefined;
  /** Position among the activations of `ops`. */
  readonly position: number;
}

export interface ChosenSite extends SiteSummary {
  readonly threshold: InsertedThreshold;
  readonly lowering: GateNodes['lowering'];
}

export interface InsertionResult {
  readonly model: Model;
  readonly chosen: readonly ChosenSite[];
  /** Activations that were asked for and did not get one; `node` is null where there is no such activation. */
  readonly refused: readonly RefusedSite[];
}

export interface RefusedSite {
  readonly node: string | null;
  readonly reason: string;
}

/**
 * Puts a threshold after every chosen activation. The opset stays, unless it is older than the threshold's operators.
 * @throws RheobaseError `unsupported` where it would have to be raised and a node of the model stands in the way.
 */
export function insertThresholds(
  model: Model,
  selector: ThresholdSelector,
  options: InsertionOptions,
): InsertionResult {
  const insertion = new Insertion(model, options);
  for (const [site, summary] of insertion.sites(selector)) insertion.try(site, summary);
  return insertion.result();
}

interface Splice {
  readonly node: Node;
  readonly nodes: readonly Node[];
}

class Insertion {
  private readonly names: ModelNames;
  private readonly gates: readonly ThresholdGate[];
  private readonly chosen: ChosenSite[] = [];
  private readonly refused: RefusedSite[] = [];
  private readonly splices = new Map<Node, Splice>();
  private readonly constants = new Map<Graph, GateNodes['initializers'][number][]>();
  /** New graph inputs by name. */
  private readonly inputs = new Map<string, TensorType>();

  constructor(
    private readonly model: Model,
    private readonly options: InsertionOptions,
  ) {
    this.names = new ModelNames(model);
    this.gates = readThresholds(model).gates.filter(({ kind }) => kind === 'threshold');
  }

  *sites({ ops = THRESHOLD_SITES, names, positions }: ThresholdSelector): Iterable<[ActivationSite, SiteSummary]> {
    const { graph, opsets } = this.model;
    const types = modelTypes(this.model);
    const sites = activationSites(graph, opsets, types.graph, ops);
    for (const [position, site] of sites.entries()) {
      const type = site.scope.typeOf(site.value);
      const summary: SiteSummary = {
        node: nodeName(site.node),
        activation: site.activation,
        value: site.value,
        type: type?.kind === 'tensor' ? type : undefined,
        position,
      };
      if (names !== undefined && summary.node.search(names) < 0) continue;
      if (positions !== undefined && !positions.includes(position)) continue;
      yield [site, summary];
    }
    for (const fn of this.model.functions) {
      for (const node of fn.nodes) {
        if (!ops.includes(node.opType)) continue;
        this.refused.push({
          node: nodeName(node),
          reason: `it is inside the local function ${fn.name}, whose values have no type`,
        });
      }
    }
    for (const position of positions ?? []) {
      if (position >= sites.length)
        this.refused.push({ node: null, reason: `there is no activation number ${position}, only ${sites.length}` });
    }
  }

  try(site: ActivationSite, summary: SiteSummary): void {
    const refuse = (reason: string) => this.refused.push({ node: summary.node, reason });
    const { type } = summary;
    if (type === undefined) return void refuse(`the element type of '${site.value}' is not known`);
    if (!FLOATS.has(type.dtype)) return void refuse(`'${site.value}' is ${type.dtype}, not a float`);
    const existing = this.thresholdBehind(site);
    if (existing !== undefined)
      return void refuse(`${nodeName(existing.node)} is a threshold on '${site.value}' already`);
    const { threshold: given } = this.options;
    const threshold = typeof given === 'function' ? given(summary) : given;
    try {
      const lowering = this.splice(site, summary, type, threshold);
      this.chosen.push({ ...summary, threshold, lowering });
    } catch (error) {
      if (!(error instanceof RheobaseError)) throw error;
      refuse(error.message);
    }
  }

  /** The gate that lets a value through where it exceeds θ already. */
  private thresholdBehind({ graph, value }: ActivationSite): ThresholdGate | undefined {
    return this.gates.find(
      (gate) => gate.graph === graph && gate.compares.includes(value) && gate.passes.includes(value),
    );
  }

  private splice(site: ActivationSite, summary: SiteSummary, type: TensorType, threshold: InsertedThreshold) {
    const { node, value, graph, activation } = site;
    const { comparison, axis: along, force, target } = this.options;
    const axis = typeof along === 'function' ? along(summary) : along;
    const gate = this.gateThreshold(threshold, type);
    const absorbed = activation === 'Relu' && node.opType === 'Relu' && isPositivePart(threshold, comparison);
    const raw = absorbed ? node.inputs[0] : this.names.fresh(`${value}/raw`);
    const opset = this.model.opsets[''] ?? 0;
    // An old model need not be raised further than Where asks.
    const { lowering = opset < FIRST.ThresholdedRelu ? 'where' : 'auto' } = this.options;
    const made = gateNodes(
      { from: raw, to: value, type, opset },
      gate,
      definedOnly({ comparison, axis, lowering, force, target }),
      this.names,
    );
    const outputs = node.outputs.map((name) => (name === value ? raw : name));
    this.splices.set(node, { node, nodes: absorbed ? made.nodes : [{ ...node, outputs }, ...made.nodes] });
    this.constants.set(graph, [...(this.constants.get(graph) ?? []), ...made.initializers]);
    return made.lowering;
  }

  private gateThreshold(threshold: InsertedThreshold, type: TensorType): GateThreshold {
    if (typeof threshold === 'number' || !('input' in threshold)) return { kind: 'fixed', numbers: threshold };
    const { input: name } = threshold;
    const known = this.inputs.get(name);
    if (known !== undefined && known.dtype !== type.dtype) {
      throw new RheobaseError(
        'bad-input',
        `the threshold input '${name}' is ${known.dtype} elsewhere, here ${type.dtype}`,
      );
    }
    if (known === undefined && definedNames(this.model.graph).has(name)) {
      throw new RheobaseError('bad-input', `the model has a value '${name}' already`, {
        remedy: 'name the input otherwise',
      });
    }
    this.inputs.set(name, { kind: 'tensor', dtype: type.dtype, shape: [] });
    return { kind: 'value', name, shape: [] };
  }

  result(): InsertionResult {
    const { chosen, refused } = this;
    if (chosen.length === 0) return { model: this.model, chosen, refused };
    const graph = this.withInputs(this.rewritten(this.model.graph));
    return { model: { ...withNeededOpset(this.model, this.addedNodes()), graph }, chosen, refused };
  }

  private addedNodes(): Node[] {
    return [...this.splices.values()].flatMap(({ node, nodes }) =>
      nodes.filter(({ opType }) => opType !== node.opType),
    );
  }

  private rewritten(graph: Graph): Graph {
    const nodes = graph.nodes.flatMap((node) => {
      const spliced = this.splices.get(node)?.nodes ?? [node];
      return spliced.map((one) => mapSubgraphs(one, (inner) => this.rewritten(inner)));
    });
    return { ...graph, nodes, initializers: [...graph.initializers, ...(this.constants.get(graph) ?? [])] };
  }

  private withInputs(graph: Graph): Graph {
    const added = Array.from(this.inputs, ([name, type]) => valueInfo(name, type));
    return { ...graph, inputs: [...graph.inputs, ...added] };
  }
}

const FLOATS = new Set(['float32', 'float16', 'float64', 'bfloat16']);

/**
 * Relu behind which a threshold at θ ≥ 0 stands does nothing that the threshold does not: the gate on its input is the
 * same function, one node shorter, and free of what providers disagree about (Relu of NaN and −0).
 */
function isPositivePart(threshold: InsertedThreshold, comparison: Comparison = 'greater'): boolean {
  if (typeof threshold !== 'number' && 'input' in threshold) return false;
  const numbers = typeof threshold === 'number' ? [threshold] : threshold;
  if (comparison === 'greater') return numbers.every((number) => number >= 0);
  return comparison === 'greaterOrEqual' && numbers.every((number) => number > 0);
}

function withNeededOpset(model: Model, added: readonly Node[]): Model {
  const opset = model.opsets[''] ?? 0;
  const needed = Math.max(opset, ...added.map(({ opType }) => (isListed(opType) ? FIRST[opType] : 1)));
  if (needed === opset) return model;
  const upgrade = upgradeOpset(model, needed);
  if (upgrade.kind === 'upgraded') return upgrade.model;
  const { node, reason } = upgrade;
  throw new RheobaseError('unsupported', `thresholds need opset ${needed}, the model imports ${opset}`, {
    where: `node ${nodeName(node)} (${node.opType})`,
    remedy: `convert the model first: ${reason}`,
  });
}

/** The oldest opset in which an operator is called as the lowerings call it, with broadcasting. */
const FIRST = {
  Greater: 9,
  Less: 9,
  Equal: 11,
  GreaterOrEqual: 12,
  Where: 9,
  ThresholdedRelu: 10,
  Mul: 7,
  Cast: 9,
} as const;

function isListed(opType: string): opType is keyof typeof FIRST {
  return Object.hasOwn(FIRST, opType);
}

function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
