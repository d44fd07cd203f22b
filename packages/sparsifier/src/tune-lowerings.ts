/**
 * The last word on how to execute a product is a clock's. A cost model knows nothing of a cache that a whole model
 * shares, of firing neurons that lie side by side, or of what one kernel more costs here. So a product's lowering is tried
 * against dense, and for `auto` against all that could pay, in the whole model, on the samples, in turns.
 */
import { type Model, median } from '@rheobase/exporter';
import { rowsOfRun } from './calibration/index.js';
import { type CostModel, candidateLowerings } from './cost/index.js';
import type { SparseExecutionOptions } from './execute-sparsely.js';
import { lowerProducts, type ProductLowering } from './lowerings/index.js';
import { measureSpeeds } from './measured-speed.js';
import { type Decision, decide } from './product-decision.js';

/** What must be gained for a lowering to be exchanged for another: less may be chance. */
const LEAST_GAIN = 1.02;
/** Share of rounds won that as many tosses of a coin reach once in a hundred times: the mean and 2.33 deviations. */
const sure = (rounds: number): number => 0.5 + (2.33 * 0.5) / Math.sqrt(rounds);
/** Kinds of products that are tried, those with the most weights first; the others keep what was predicted. */
const MOST_KINDS = 6;
/** Rounds in which all candidates run once, and the time after which no further round is begun. */
const [ROUNDS, BUDGET_MS] = [151, 6000];

/** The model with products executed as was decided. */
export function withLowerings(model: Model, products: readonly Decision[]): Model {
  return lowerProducts(
    model,
    Object.fromEntries(products.map(({ product, lowering }) => [product.node, lowering] as const)),
  );
}

/**
 * The decisions with lowerings exchanged where another is faster, and with what each product saves.
 * @param costModel for `auto`; without it nothing is exchanged.
 */
export async function tuneLowerings(
  model: Model,
  given: readonly Decision[],
  costModel: CostModel | undefined,
  options: SparseExecutionOptions,
): Promise<readonly Decision[]> {
  const { onMeasured = () => {} } = options;
  const kinds = kindsOf(given).slice(0, MOST_KINDS);
  let products = given;
  for (const [index, kind] of kinds.entries()) {
    products = await tuneKind(model, products, kind, costModel, options);
    onMeasured(index + 1, kinds.length);
  }
  return products;
}

/** Products of the same size, which are executed alike: told apart by one text. */
function kindOf({ product: { inner, outer, gated, elementBytes } }: Decision): string {
  return [inner, outer, gated?.width ?? 0, elementBytes].join(' × ');
}

function kindsOf(products: readonly Decision[]): string[] {
  const bytes = new Map<string, number>();
  for (const decision of products) {
    const kind = kindOf(decision);
    bytes.set(kind, (bytes.get(kind) ?? 0) + decision.work.weightBytes.dense);
  }
  return [...bytes].toSorted(([, a], [, b]) => b - a).map(([kind]) => kind);
}

/** Tries the candidates on all products of a kind at once. */
async function tuneKind(
  model: Model,
  products: readonly Decision[],
  kind: string,
  costModel: CostModel | undefined,
  options: SparseExecutionOptions,
): Promise<readonly Decision[]> {
  const members = products.filter((decision) => kindOf(decision) === kind);
  const candidates = candidatesFor(members, costModel);
  if (candidates.length < 2) return products;
  const decided = candidates.map((candidate) =>
    products.map((own) => (candidate === AS_DECIDED || kindOf(own) !== kind ? own : decide(own, candidate))),
  );
  const [dense, ...others] = decided.map((own) => withLowerings(model, own));
  const { backend, samples, session, deployedRows = 1 } = options;
  const speeds = await measureSpeeds(
    dense ?? model,
    others.map((other) => ({ model: other })),
    {
      ...{ backend, samples, rounds: ROUNDS, budgetMs: BUDGET_MS, rows: rowsOfRun(model, samples, deployedRows) },
      ...(session === undefined ? {} : { session }),
    },
  );
  const times = [speeds[0]?.denseByRound ?? [], ...speeds.map(({ byRound }) => byRound)];
  const before = Math.max(0, candidates.indexOf(AS_DECIDED));
  const chosen = costModel === undefined ? before : fastest(times, before);
  const measured = speeds[chosen - 1];
  const savedMs = measured === undefined ? 0 : (measured.denseMs - measured.ms) / members.length;
  return (decided[chosen] ?? products).map((own) => (kindOf(own) === kind ? { ...own, savedMs } : own));
}

/** The one that is faster than `before` by the largest ratio, and in so many rounds that it is not chance; else `before`. */
function fastest(times: readonly (readonly number[])[], before: number): number {
  const reference = times[before] ?? [];
  let best = { index: before, gain: LEAST_GAIN };
  for (const [index, own] of times.entries()) {
    const ratios = own.map((ms, round) => (reference[round] ?? Number.NaN) / ms);
    const wins = ratios.filter((ratio) => ratio > 1).length / ratios.length;
    const gain = median(ratios);
    if (wins >= sure(ratios.length) && gain > best.gain) best = { index, gain };
  }
  return best.index;
}

/** Each product as it was decided for it: numbers of neurons and blocks may differ among products of a kind. */
const AS_DECIDED = 'as decided';

/** Dense first, then what was decided (where that is something else), then what else could be faster. */
function candidatesFor(
  members: readonly Decision[],
  costModel: CostModel | undefined,
): (ProductLowering | typeof AS_DECIDED)[] {
  const [first] = members;
  if (first === undefined) return [];
  const { inner, outer, gated } = first.product;
  const active = members.reduce((sum, own) => sum + own.active, 0) / members.length;
  const load = { inner, outer, active, ...(gated === null ? {} : { gatedWidth: gated.width }) };
  const known = new Set([DENSE, first.lowering].map((lowering) => JSON.stringify(lowering)));
  const others = (costModel === undefined ? [] : candidateLowerings(costModel, load)).filter(
    (lowering) => !known.has(JSON.stringify(lowering)),
  );
  return [DENSE, ...(first.lowering.kind === 'dense' ? [] : ([AS_DECIDED] as const)), ...others];
}

const DENSE = { kind: 'dense' } as const;
