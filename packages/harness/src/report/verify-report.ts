/**
 * The report of a verification, as it is written to JSON: `rheobase/verify@1`. Its field names are a contract that
 * scripts read: fields may be added, none renamed or taken away. JSON has no NaN and no infinity: a number that does not
 * exist is null, and every field is present in every row.
 */
import type { Comparison } from '../comparison/index.js';
import type { ModelDifference } from '../divergence/model-differences.js';
import type { TimingMode } from '../timing/index.js';

export interface VerifyReport {
  readonly schema: 'rheobase/verify@1';
  /**
   * - `diverge`: at least one comparison diverges.
   * - `incomplete`: none diverges, but not everything that should have been compared was: the baseline is missing or
   *   failed, a backend failed, a required backend is missing, or nothing was left to compare with the baseline.
   * - `agree`: everything compared agrees. A backend that is merely unavailable and not required does not change that.
   */
  readonly verdict: 'agree' | 'diverge' | 'incomplete';
  readonly models: readonly ModelRow[];
  readonly baseline: string;
  /** The model that every backend's outputs are compared with, run by that backend itself; null where backends are compared. */
  readonly against: ReferenceRow | null;
  readonly environment: Environment;
  readonly backends: readonly BackendRow[];
  /** One row per model, backend other than the baseline, case and output. */
  readonly comparisons: readonly ComparisonRow[];
  /** One row per model, backend and timed case. */
  readonly timings: readonly TimingRow[];
  /** Outputs that say nothing, whoever gave them. They fail nothing. */
  readonly alarms: readonly Alarm[];
  /** Null unless asked for; nodes that ran elsewhere than on their backend's provider then make the verdict `diverge`. */
  readonly strictPlacement: {
    readonly violations: readonly FallbackRow[];
    /** Backends that ran, and of which it is not known where: these make the verdict `incomplete`. */
    readonly unknown?: readonly string[];
  } | null;
  /** What a backend gives for the same input when only the way it runs is changed; empty unless asked for. */
  readonly noise: readonly NoiseRow[];
  /** What lies around each node that a comparison blames; absent in reports of an earlier version. */
  readonly neighbourhoods?: readonly Neighbourhood[];
}

/** A degenerate output, in the first of the `cases` that it was seen in. */
export interface Alarm {
  readonly model: string;
  readonly backend: string;
  readonly output: string;
  readonly kind: 'all zero' | 'all equal' | 'all NaN' | 'all infinite';
  readonly cases: number;
  readonly case: string;
}

export interface FallbackRow extends PlacementRow {
  readonly backend: string;
}

/** One output of one backend, against the same backend run in another way: nondeterminism, not divergence. */
export interface NoiseRow {
  readonly model: string;
  readonly backend: string;
  readonly case: string;
  readonly output: string;
  readonly variation: 'again' | 'optimization off' | 'one thread' | 'batch of one';
  /** Elements compared. */
  readonly count: number;
  /** Elements that are not the same bits; null where the variation could not be run: `note` says why. */
  readonly different: number | null;
  readonly maxAbs: number | null;
  readonly maxUlp: number | null;
  readonly note: string | null;
}

export interface ModelRow {
  readonly path: string;
  /** Of the model file alone, without external data, in hexadecimal. */
  readonly sha256: string;
  /** Version of ai.onnx. */
  readonly opset: number;
  /** Nodes of the main graph. */
  readonly nodes: number;
}

export interface ReferenceRow extends ModelRow {
  /** Weights and nodes in which the models differ from it; a weight's last bit may show in no output. */
  readonly differences: readonly (ModelDifference & { readonly model: string })[];
}

export interface Environment {
  readonly os: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Versions of runtimes, browsers and drivers, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What a backend could not do for one model; the others may have come out well. */
export interface BackendFailure {
  readonly model: string;
  /** As of `RheobaseError`: `unsupported`, `crashed`, `timeout`, … */
  readonly code: string;
  readonly reason: string;
}

export interface BackendRow {
  readonly id: string;
  /** `failed` where it failed on any model. */
  readonly status: 'ran' | 'unavailable' | 'failed';
  /** Why it is unavailable or what failed where, with what to do about it; null where it ran. */
  readonly reason: string | null;
  /** One per model that it failed on; absent in reports of an earlier version. */
  readonly failures?: readonly BackendFailure[];
  /** True where the verdict depends on this backend being there. */
  readonly required: boolean;
  readonly runtimeVersion: string | null;
  readonly implementation: string | null;
  readonly device: string | null;
  /** True where a GPU provider runs on a software adapter: its times say nothing of a GPU. */
  readonly software: boolean;
  /** The smallest step in ms of the clock that its times were read from, as measured; null where it is not known. */
  readonly clockResolutionMs?: number | null;
  /** The provider of every node of every model, after the runtime's optimisations; empty where it could not be told. */
  readonly placement: readonly PlacementRow[];
  /** Why `placement` is empty or partial, null where it is complete. */
  readonly placementNote: string | null;
  /** Models of which it is not known where their nodes ran; absent in reports of an earlier version. */
  readonly unplaced?: readonly string[];
  /** Number of rows of `placement` whose provider is not the backend's own. */
  readonly fallbacks: number;
}

export interface PlacementRow {
  readonly model: string;
  readonly node: string;
  readonly opType: string;
  readonly provider: string;
}

/** The measures of `Comparison`, and what they are of. */
export interface ComparisonRow extends Comparison {
  readonly model: string;
  readonly backend: string;
  readonly case: string;
  readonly output: string;
  /** Neurons before this output that are above their threshold on one side and not on the other. */
  readonly maskFlips: MaskFlips;
  /**
   * The node that is blamed. Null where the output agrees, and where no node could be blamed: then `firstDivergenceNote`
   * says why. Against a reference model an output that agrees has one as well where the models differ before it: the
   * change is there, and below the tolerance or not shown by these inputs; the verdict is that of the output.
   */
  readonly firstDivergence: FirstDivergence | null;
  readonly firstDivergenceNote: string | null;
  /** Nodes before the output whose results are out of tolerance, in order; empty where none was looked for. */
  readonly suspects: readonly Suspect[];
  /** Folder of the bundle that this was reduced to, null where it was not. */
  readonly bundle: string | null;
}

export interface Suspect extends FirstDivergence {
  /** Alone, fed with the baseline's inputs: whether it creates a difference, or carries on one that comes in. */
  readonly role: 'creates' | 'carries' | 'unknown';
}

export interface MaskFlips {
  /** |x − θ| is within the error that x and θ had accumulated. */
  readonly explained: number;
  readonly unexplained: number;
  /** Some of the flips, unexplained ones first. */
  readonly examples: readonly MaskFlip[];
  /** Why thresholds could not be looked at, null where they were. */
  readonly note: string | null;
}

/** One neuron on different sides of its threshold. Numbers are decimal text, so that NaN and infinities survive. */
export interface MaskFlip {
  readonly node: string;
  readonly index: readonly number[];
  /** On the backend. */
  readonly x: string;
  readonly theta: string;
  /** On the baseline. */
  readonly expectedX: string;
  readonly expectedTheta: string;
  readonly explained: boolean;
}

/** The first node, in topological order, whose result is out of tolerance. */
export interface FirstDivergence {
  readonly node: string;
  readonly opType: string;
  readonly output: string;
  /** Of a node inside the bodies of Loops and Scans: these, from the outermost in. Absent of nodes of the graph itself. */
  readonly within?: readonly LoopPlace[];
}

/** An iteration of a Loop or Scan. */
export interface LoopPlace {
  readonly node: string;
  readonly opType: string;
  /** From 0. */
  readonly iteration: number;
}

/**
 * Times in ms; null where the case was not timed. What is marked optional is absent in reports of an earlier version.
 */
export interface TimingRow {
  readonly model: string;
  readonly backend: string;
  readonly case: string;
  readonly loadMs: number;
  readonly firstRunMs: number;
  /** What the times tell: `latency`, how long a run takes; `throughput`, how long each of many back to back. */
  readonly mode?: TimingMode;
  /** Where outputs were when a run's time ended: `device` leaves out bringing them back from a GPU. */
  readonly outputs?: 'host' | 'device';
  /** Warm runs measured. */
  readonly runs: number;
  /**
   * Runs that a sample is the mean of: 1 for latency where the backend's clock is fine enough. Of longer samples `p90Ms`
   * and `p99Ms` are those of the means.
   */
  readonly runsPerSample?: number;
  /** Runs a second, back to back, with their 95 % interval; null for latency. */
  readonly runsPerSecond?: Ratio | null;
  readonly medianMs: number | null;
  readonly ciLowMs: number | null;
  readonly ciHighMs: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  /** Time of this backend / time of the baseline; null where either has none. */
  readonly ratioToBaseline: Ratio | null;
}

export interface Ratio {
  readonly median: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/** Nodes of a model's main graph around the one that gives `output`, in the graph's order. */
export interface Neighbourhood {
  readonly model: string;
  readonly output: string;
  readonly nodes: readonly NeighbourNode[];
}

export interface NeighbourNode {
  readonly name: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** True of the node that the divergence starts at. */
  readonly isBlamed: boolean;
}
