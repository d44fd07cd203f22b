/**
 * What two backends may differ by at each value of a model: derived from the graph up to there, unless the caller asked
 * for something else. Two sides that run the very same code on the same device may not differ at all.
 */
import type { Model } from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import type { BackendId, Feeds } from '@rheobase/runtime';
import {
  type Arithmetic,
  asksForDistance,
  derivedTolerance,
  EXACT,
  type GraphBounds,
  graphBounds,
  type Shapes,
  type Tolerance,
  type ToleranceOverrides,
  tolerancePolicy,
  widerArithmetic,
} from '../tolerances/index.js';

export interface Pair {
  readonly backend: BackendId;
  readonly baseline: BackendId;
  /** Whether both run the same code on the same device. */
  readonly isSame: boolean;
}

export const SAME_CODE: Tolerance = { ...EXACT, reason: 'exact: both sides run the same code on the same device' };

export class ModelTolerances {
  private readonly policy;
  private readonly bounds = new Map<Arithmetic, GraphBounds>();
  /** One object for all questions with one answer: a report may have a row for each of many thousand cases. */
  private readonly answers = new Map<string, Tolerance>();

  private shapes: Shapes | undefined;

  constructor(
    private readonly model: Model,
    private readonly overrides: ToleranceOverrides,
  ) {
    this.policy = tolerancePolicy(overrides);
  }

  /** The shapes that the model is fed with, which lengths of sums depend on. The first case tells; to be called before `of`. */
  learnShapes(feeds: Feeds): this {
    this.shapes ??= Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
    return this;
  }

  /** The tolerance of a value; `node` for that of a model of a single node, whose inputs are exact. */
  of(output: string, dtype: DType, pair: Pair, of: 'graph' | 'node' = 'graph'): Tolerance {
    const { backend, baseline, isSame } = pair;
    const key = JSON.stringify([output, dtype, backend, baseline, isSame, of]);
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const arithmetic = widerArithmetic(backend, baseline);
    const bound = isSame ? undefined : this.boundsFor(arithmetic).boundOf(output);
    const fallback = isSame ? SAME_CODE : bound && derivedTolerance(bound, dtype, arithmetic, of);
    const answer = this.policy({ output, dtype, backend, baseline, ...(fallback === undefined ? {} : { fallback }) });
    this.answers.set(key, answer);
    return answer;
  }

  /** Whether the caller fixed what an output may differ by. */
  isFixed(output: string): boolean {
    return asksForDistance(this.overrides, output);
  }

  private boundsFor(arithmetic: Arithmetic): GraphBounds {
    const known = this.bounds.get(arithmetic) ?? graphBounds(this.model, arithmetic, this.shapes);
    this.bounds.set(arithmetic, known);
    return known;
  }
}
