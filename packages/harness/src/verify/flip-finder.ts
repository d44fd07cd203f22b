/**
 * Finds the flips of one case on one backend, and, where there are any, asks the baseline what should have come of
 * them: it runs the model with the backend's decisions given (see given-masks). That session is opened when first needed.
 */
import { inlineFunctions, type Model, producedValues, tensorOf, withOutputs } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { BackendId, Feeds, RunResult } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { compareTensors } from '../comparison/index.js';
import { maskInputOf, withGivenMasks } from '../divergence/given-masks.js';
import { findFlips, maskOf, NO_FLIPS, type Operands } from '../divergence/mask-flips.js';
import type { Threshold } from '../divergence/thresholds.js';
import type { MaskFlips } from '../report/verify-report.js';
import type { Tolerance } from '../tolerances/index.js';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import { type ModelContext, pairOf } from './context.js';

/** One case, run on a backend and on the baseline with the operands of all thresholds among the outputs. */
export interface CaseRuns {
  readonly backend: BackendId;
  readonly one: Case;
  readonly actual: RunResult;
  readonly expected: RunResult;
}

export interface CaseFlips {
  /** One per threshold. */
  readonly flips: readonly MaskFlips[];
  /** Outputs of the model that agree with the baseline once that takes the backend's decisions; empty without flips. */
  readonly agreeing: ReadonlySet<string>;
}

type OperandsByThreshold = readonly (Operands | undefined)[];

export class FlipFinder {
  private replaying: Promise<ActiveSessions> | undefined;
  private problem: string | null = null;

  constructor(
    private readonly context: ModelContext,
    private readonly reference: Contender,
    private readonly thresholds: readonly Threshold[],
  ) {}

  async examine(runs: CaseRuns): Promise<CaseFlips> {
    const { one, backend } = runs;
    const actual = this.operandsIn(one.feeds, runs.actual);
    const expected = this.operandsIn(one.feeds, runs.expected);
    const plain = this.flipsAgainst(backend, actual, expected, expected);
    if (plain.every(({ explained, unexplained }) => explained + unexplained === 0)) {
      return { flips: plain, agreeing: new Set() };
    }
    const replayed = await this.replay(one.feeds, actual);
    if (replayed === undefined) {
      const note = `not replayed on the baseline: ${this.problem}`;
      return { flips: plain.map((flips) => ({ ...flips, note: flips.note ?? note })), agreeing: new Set() };
    }
    const ideal = this.operandsIn(one.feeds, replayed);
    return {
      flips: this.flipsAgainst(backend, actual, expected, ideal),
      agreeing: this.agreeingOutputs(runs, replayed),
    };
  }

  async close(): Promise<void> {
    await (await this.replaying)?.close();
  }

  private flipsAgainst(
    backend: BackendId,
    actual: OperandsByThreshold,
    expected: OperandsByThreshold,
    reference: OperandsByThreshold,
  ): readonly MaskFlips[] {
    return this.thresholds.map((threshold, i) => {
      const [here, there, ideal] = [actual[i], expected[i], reference[i]];
      if (here === undefined || there === undefined || ideal === undefined) {
        return { ...NO_FLIPS, note: `what ${threshold.node.name || threshold.node.opType} compares cannot be had` };
      }
      const tolerances = {
        x: this.errorOf(threshold.x, there.x, backend),
        theta: this.errorOf(String(threshold.theta), there.theta, backend),
      };
      return findFlips(threshold, { actual: here, expected: there, reference: ideal, tolerances }) ?? NO_FLIPS;
    });
  }

  private toleranceOf(name: string, { dtype }: Tensor, backend: BackendId): Tolerance {
    return this.context.tolerances.of(name, dtype, pairOf(this.context, backend));
  }

  /** What had accumulated up to an operand, also where both sides run the same code and should not differ at all. */
  private errorOf(name: string, { dtype }: Tensor, backend: BackendId): Tolerance {
    return this.context.tolerances.of(name, dtype, { ...pairOf(this.context, backend), isSame: false });
  }

  private operandsIn(feeds: Feeds, run: RunResult): OperandsByThreshold {
    return this.thresholds.map(({ x, theta, node }) => {
      const left = this.valueIn(feeds, run, x);
      const right = typeof theta === 'number' ? scalar(theta) : this.valueIn(feeds, run, theta);
      return left === undefined || right === undefined
        ? undefined
        : { x: left, theta: right, ...madeIn(run, node.outputs[0] ?? '') };
    });
  }

  /** A value of a run: an exposed output, a feed, or an initializer. */
  private valueIn(feeds: Feeds, run: RunResult, name: string): Tensor | undefined {
    return run.outputs[name] ?? feeds[name] ?? initializerOf(this.context.subject.model, name);
  }

  /** The baseline's run with the decisions of the backend. */
  private async replay(feeds: Feeds, actual: OperandsByThreshold): Promise<RunResult | undefined> {
    const masks = this.thresholds.map((threshold, i) => {
      const operands = actual[i];
      return operands === undefined ? null : maskOf(threshold, operands);
    });
    const decided = this.thresholds.flatMap((threshold, i) => {
      const [mask, operands] = [masks[i], actual[i]];
      return mask === null || mask === undefined || operands === undefined ? [] : [{ threshold, mask, operands }];
    });
    this.replaying ??= this.openReplay(
      decided.map(({ threshold }) => threshold),
      decided.map(({ operands }) => operands.x),
    );
    const given = decided.map(({ threshold, mask }) => [maskInputOf(threshold), mask] as const);
    return (await this.replaying).run(this.context.baseline, { ...feeds, ...Object.fromEntries(given) });
  }

  private async openReplay(thresholds: readonly Threshold[], xs: readonly Tensor[]): Promise<ActiveSessions> {
    const { subject, session } = this.context;
    const dtypes = xs.map(({ dtype }) => dtype);
    const derive = (model: Model): Model => {
      const decided = withGivenMasks(inlineFunctions(model), thresholds, dtypes);
      const produced = new Set(producedValues(decided));
      const operands = this.thresholds.flatMap(({ x, theta }) => [x, String(theta)]);
      return withOutputs(
        decided,
        operands.filter((name) => produced.has(name)),
      );
    };
    const failed = (_: Contender, error: unknown): void => {
      this.problem = toPlainError(error).what;
    };
    return ActiveSessions.open([this.reference], subject, session, { failed }, derive);
  }

  private agreeingOutputs({ backend, actual }: CaseRuns, replayed: RunResult): ReadonlySet<string> {
    const names = this.context.subject.model.graph.outputs.map(({ name }) => name);
    return new Set(
      names.filter((name) => {
        const [a, e] = [actual.outputs[name], replayed.outputs[name]];
        if (a === undefined || e === undefined) return false;
        const tolerance = this.toleranceOf(name, e, backend);
        return compareTensors(a, e, { tolerance, worst: 0 }).verdict === 'agree';
      }),
    );
  }
}

function madeIn({ outputs }: RunResult, name: string): Pick<Operands, 'made'> {
  return Object.hasOwn(outputs, name) ? { made: outputs[name] } : {};
}

/** An attribute of type float, whatever the type of the tensor it is compared with. */
function scalar(value: number): Tensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

function initializerOf({ graph }: Model, name: string): Tensor | undefined {
  const found = graph.initializers.find((initializer) => initializer.name === name);
  return found?.content.kind === 'inline' ? tensorOf(found) : undefined;
}
