/** What was done to a model, layer by layer, as `rheobase sparsify --json` writes it. */
import type { Theta } from '@rheobase/exporter';
import type { ActivationStatistics } from './calibration/index.js';
import type { SparseExecution } from './execute-sparsely.js';
import type { FinishedScore } from './finished-score.js';
import type { ProductLowering } from './lowerings/index.js';
import type { ProductDecision } from './product-decision.js';
import type { SparsifyLayer, SparsifyProduct, SparsifyReport } from './report.js';
import type { TimedSweepPoint } from './sparsify.js';
import type { ChosenThresholds } from './thresholds/choose-thresholds.js';
import type { Evaluation } from './thresholds/evaluation.js';
import type { Site } from './thresholds/sites.js';

export interface Findings {
  readonly sites: readonly Site[];
  readonly chosen: ChosenThresholds;
  /** Statistics of each site in the finished model. */
  readonly after: readonly ActivationStatistics[];
  readonly execution: SparseExecution;
  readonly sweep: readonly TimedSweepPoint[];
  readonly evaluation: Evaluation;
  readonly finished: FinishedScore;
}

export async function sparsifyReport(findings: Findings): Promise<SparsifyReport> {
  const { sites, chosen, after, execution, sweep, evaluation, finished } = findings;
  const { products, measured, removedNeurons, unreadNeurons, warnings } = execution;
  const { thetas } = chosen;
  const layers: SparsifyLayer[] = [];
  let silent = 0;
  let all = 0;
  let deadNeurons = 0;
  for (const [index, site] of sites.entries()) {
    const own = after[index] as ActivationStatistics;
    const alone = await evaluation.score(thetas.map((theta, other) => (other === index ? theta : undefined)));
    silent += own.zeroShare * own.count;
    all += own.count;
    deadNeurons += deadOf(own);
    layers.push({
      node: site.node,
      theta: effectiveTheta(thetas[index], site.existing),
      sparsity: own.zeroShare,
      lowering: products.find(({ product }) => site.products.includes(product.node))?.lowering.kind ?? 'dense',
      outputError: finite(alone.error),
    });
  }
  return {
    schema: 'rheobase/sparsify@1',
    layers,
    sparsity: silent / all,
    accuracy: finished.accuracy,
    executionError: finished.executionError === null ? null : finite(finished.executionError),
    deadNeurons,
    removedNeurons,
    unreadNeurons,
    products: products.map(reported),
    measured: measured && { denseMs: measured.denseMs, ms: measured.ms, speed: measured.speed },
    sweep: sweep.map(({ sparsity, error, accuracy: share, speed }) => ({
      ...{ sparsity, accuracy: share, speed },
      outputError: finite(error),
    })),
    warnings,
  };
}

function reported({ product, active, lowering, predicted, savedMs, work }: ProductDecision): SparsifyProduct {
  const { node, inner, outer } = product;
  return {
    node,
    inner,
    outer,
    active,
    lowering: lowering.kind,
    parameters: parametersOf(lowering),
    ...work,
    predicted,
    savedMs,
  };
}

function parametersOf({ kind: _, ...parameters }: ProductLowering): SparsifyProduct['parameters'] {
  return parameters;
}

/** JSON has no infinity: an output that is finite no more is as wrong as can be said. */
function finite(error: number): number {
  return Math.min(error, Number.MAX_VALUE);
}

/** Channels that were zero for every sample. */
function deadOf(statistics: ActivationStatistics): number {
  let dead = 0;
  for (let channel = 0; channel < statistics.channels; channel += 1) {
    if (statistics.isDead(channel, 0, 'magnitude')) dead += 1;
  }
  return dead;
}

/** Of two thresholds in a row the higher one decides. */
function effectiveTheta(added: Theta | undefined, existing: Theta | null): Theta | null {
  if (added === undefined || existing === null) return added ?? existing;
  const at = (theta: Theta, index: number) => (typeof theta === 'number' ? theta : (theta[index] ?? Number.NaN));
  if (typeof added === 'number' && typeof existing === 'number') return Math.max(added, existing);
  const channels = Math.max(...[added, existing].map((theta) => (typeof theta === 'number' ? 1 : theta.length)));
  return Array.from({ length: channels }, (_, index) => Math.max(at(added, index), at(existing, index)));
}
